/* The status board of the plan: every target with its figure, how sure it is, how far it is
   from what is asked, and whether it can still be met. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;

  const known = (value) => value !== null && value !== undefined;
  /** Two digits for what is measured; what is reported or asked as it was written. */
  const digitsOf = (value) => (/\.(\d+)$/.exec(String(Number((value || 0).toFixed(4)))) || ['', ''])[1].length;
  const figure = (value, unit) => sinks.amount(value, 2, unit);
  const told = (value, unit) => sinks.amount(value, digitsOf(value), unit);
  const shown = ({ reported }) => (reported ? told : figure);
  const several = (amounts, text) => sinks.join(amounts.map(([value, unit], k) => (k ? sinks.amount(Math.abs(value), digitsFor(value), unit)
    : text(Math.abs(value), unit))), ' = ');
  const digitsFor = (value) => (Math.abs(value) >= 1000 ? 0 : 1);
  const note = (text) => h('p.sinks-note', { said: text });

  /** A bar from zero with the interval as a line across and the target as a tick. */
  const bar = ({ value, low, high, target }) => {
    const largest = Math.max(value || 0, high || 0, target ? target.target : 0);
    const top = largest * 1.15 || 1;
    const at = (v) => `${Math.max(0, Math.min(100, 100 * v / top))}%`;
    const span = (a, b) => `${100 * (Math.min(b, top) - Math.max(0, a)) / top}%`;
    const parts = [h('i.sinks-bar-fill', { style: { width: at(value || 0) } })];
    if (known(low) && known(high)) parts.push(h('i.sinks-bar-range', { style: { left: at(low), width: span(low, high) } }));
    if (target) parts.push(h('i.sinks-bar-target', { style: { left: at(target.target) } }));
    return h('div.sinks-bar-track', { 'aria-hidden': 'true' }, ...parts);
  };
  const drawing = (item) => h('div.sinks-drawing', null, bar(item), item.series.length > 1
    ? sinks.sparkline({ series: item.series, target: item.target ? item.target.target : null, text: (value) => shown(item)(value, item.unit) }) : null);

  const goal = ({ target, unit }) => {
    const year = target.year ? { zh: `（${target.year}）`, en: ` (${target.year})` } : '';
    return word(`target_${target.kind}`, { target: told(target.target, unit), year });
  };
  const gapText = (item) => {
    const { gap } = item.target;
    if (!gap.length || !gap[0][0]) return null;
    return word(gap[0][0] > 0 ? 'gap' : 'ahead', { gap: several(gap, shown(item)) });
  };
  /** What is needed every year, and where the years at hand lead. */
  const outlookTexts = (item) => {
    const { outlook } = item;
    if (!outlook) return [];
    const { by_year: year, needed, forecast, forecast_low: low, forecast_high: high, forecast_probability: p, basis } = outlook;
    return [
      needed.length && needed[0][0] > 0 && word('needed', { year, amount: several(needed, shown(item)) }),
      known(p) ? word('chance', { year, p: sinks.chance(p), basis }) : basis,
      known(forecast) && word(known(low) ? 'forecast_range' : 'forecast', { year, value: figure(forecast, item.unit), range: sinks.range(low, high, 2) }),
      known(outlook.years_met) && word('years_met', { n: outlook.years, met: outlook.years_met }),
    ].filter(Boolean);
  };
  const blindTexts = ({ detections }) => detections.filter(({ found }) => found === 'undetectable').map((each) =>
    word('undetectable', {
      evidence: each.evidence, proof: each.proof, change: sinks.amount(each.change, 1, each.unit), detectable: sinks.amount(each.detectable, 1, each.unit),
    }));

  /** The interval in words; a register has none and needs none. */
  const rangeText = (item) => {
    if (known(item.low)) return sinks.both((l) => `${sinks.range(item.low, item.high, 2)} ${sinks.pair(item.unit)[l]}`);
    return word(item.evidence_key !== 'map' ? 'no_range_plain' : (item.sampled ? 'no_range_sampled' : 'no_range'));
  };
  const evidenceText = (item) => (known(item.low) || item.evidence_key === 'map'
    ? sinks.join([item.evidence, sinks.join([word('range'), rangeText(item)], ' ')], { zh: '，', en: ', ' }) : item.evidence);
  const rows = (pairs) => h('dl.sinks-rows', null, ...pairs.reduce((all, [what, text]) =>
    all.concat(h('dt', null, sinks.name(what)), h('dd', null, sinks.name(text))), []));
  const details = (item) => {
    const { target, steps } = item;
    const part = (value) => sinks.amount(value, 1, item.part_unit);
    const pairs = [[word('range'), rangeText(item)]];
    if (known(item.numerator)) pairs.push([word('numerator'), part(item.numerator)]);
    if (known(item.denominator)) pairs.push([word('denominator'), part(item.denominator)]);
    pairs.push([word('rule'), item.rule], [word('evidence'), item.evidence]);
    if (target) pairs.push([word('document'), target.document]);
    if (target && target.judged_by.zh) pairs.push([word('judged'), target.judged_by]);
    if (target && known(target.probability)) pairs.push([word('probability_met'), sinks.chance(target.probability)]);
    item.series.filter(([year]) => year !== item.year).forEach(([year, value]) => pairs.push([word('value_of', { year }), shown(item)(value, item.unit)]));
    item.detections.forEach(({ evidence, says, found, proof }) => pairs.push([word('can_see', { evidence }),
      found === 'unknown' ? word('proved_by', { says, proof }) : says]));
    if (steps) {
      pairs.push([word('published', { year: steps.year }), word('by_rule', { value: told(steps.published, '%'), rule: steps.rule, document: steps.document })]);
      steps.parts.forEach(([name, value]) => pairs.push([name, sinks.both((l) => `${sinks.signed(value, 2)}\u2009${word('points')[l]}`)]));
    }
    return h('details', null, h('summary', { said: word('details') }), rows(pairs));
  };

  const byZone = (item) => h('details', null, h('summary', { said: word('by_zone', { n: item.zones.length }) }),
    h('table.sinks-table', null,
      h('thead', null, h('tr', null, h('th', { scope: 'col', said: word('zone') }),
        h('th', { scope: 'col', said: item.unit }), h('th', { scope: 'col', said: word('range') }))),
      h('tbody', null, ...item.zones.map(([name, value, low, high]) => h('tr', null,
        h('th', { scope: 'row' }, sinks.name(name)),
        h('td', null, sinks.number(value, 2)), h('td', null, sinks.range(low, high, 2)))))));

  const value = (item) => (known(item.value)
    ? h('p.sinks-value', null, h('b', { said: shown(item)(item.value, item.unit) }), h('span', null, String(item.year)))
    : h('p.sinks-value', { said: word('not_computed') }));
  const head = (item) => h('div.sinks-indicator-head', null, h('h3', null, sinks.name(item.name)), item.target ? sinks.light(item.target.met) : null);
  const card = (item, towns) => h('article.sinks-indicator', null, head(item), value(item),
    known(item.value) && item.evidence_key ? note(evidenceText(item)) : null,
    known(item.value) || item.target ? drawing(item) : null,
    item.target ? h('p.sinks-target', null, ...[goal(item), gapText(item)].filter(Boolean).map((text) => h('span', { said: text }))) : null,
    ...outlookTexts(item).map((text) => h('p.sinks-ahead', { said: text })),
    ...blindTexts(item).map((text) => h('p.sinks-blind', { said: text })),
    known(item.value) ? details(item) : null,
    towns.shows(item) ? h('button.sinks-link', { type: 'button', said: word('towns_of', { n: item.towns.length }), onclick: () => towns.show(item) })
      : (item.zones.length ? byZone(item) : null));

  /** What departments report: short, as there is nothing below the figure to look into. */
  const reported = (item) => h('article.sinks-reported', null, head(item),
    h('p', null, known(item.value) ? h('b', { said: told(item.value, item.unit) }) : h('span', { said: word('not_computed') }),
      known(item.value) ? h('span', null, String(item.year)) : null, h('span', { said: goal(item) }),
      item.target.department ? sinks.name(item.target.department, 'span') : null),
    note(sinks.join([gapText(item), ...outlookTexts(item)].filter(Boolean), { zh: '；', en: '; ' })));

  sinks.indicatorPanel = (map, id) => {
    const room = sinks.of(map);
    const facts = sinks.facts(`${id}_facts`);
    const towns = new sinks.TownMap(room, facts.items);
    const asked = facts.items.filter(({ target }) => target);
    const groups = [
      [null, asked.filter((item) => !item.reported), (item) => card(item, towns)],
      ['reported', asked.filter((item) => item.reported), reported],
      ['variants', facts.items.filter(({ target }) => !target), (item) => card(item, towns)],
    ];
    const counts = sinks.LIGHTS.map((met) => [met, asked.filter(({ target }) => target.met === met).length]);
    sinks.dock(room, facts, h('section.sinks-board', null, h('h2', null, sinks.name(facts.zone)),
      asked.length ? h('p.sinks-lights', null, ...counts.filter(([, n]) => n).map(([met, n]) => sinks.light(met, n))) : null,
      towns.node(),
      ...groups.filter(([, items]) => items.length).map(([title, items, make]) => h('section', null,
        title ? h('h2', { said: word(`board_${title}`, { n: items.length }) }) : null, ...items.map(make))),
      h('p.sinks-note', { said: word('indicator_note') })));
  };

  /** Notes: sections of paragraphs and of terms with what they stand for. */
  sinks.notesPanel = (map, id) => {
    const facts = sinks.facts(`${id}_facts`);
    const section = ({ title, rows: terms, paragraphs }) => h('section', null, h('h2', { said: title }),
      ...(paragraphs || []).map((text) => h('p', null, sinks.name(text))), terms ? rows(terms) : null);
    sinks.dock(sinks.of(map), facts, h('div.sinks-notes', null, ...facts.sections.map(section)));
  };
}());

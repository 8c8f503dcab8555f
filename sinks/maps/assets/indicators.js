/* Indicators of the plan: value, interval, target, what was divided by what, and by which
   rule; the same for every town below. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const SIGNS = { yes: '✓', no: '✗', open: '?', unknown: '–' };

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
  const known = (value) => value !== null && value !== undefined;
  const figure = (value, unit) => sinks.amount(value, 2, unit);

  const targetLine = ({ target, unit }) => {
    const gap = known(target.gap) && target.gap > 0
      ? word('gap', { gap: figure(target.gap, unit.zh === '%' ? word('points') : unit) }) : null;
    const goal = sinks.amount(target.target, Number.isInteger(target.target) ? 0 : 2, unit);
    const year = target.year ? { zh: `（${target.year}）`, en: ` (${target.year})` } : '';
    return h('p.sinks-target', null,
      h('span', { said: word(`target_${target.kind}`, { target: goal, year }) }),
      h(`span.sinks-badge.sinks-badge-${target.met}`, null, h('span', { 'aria-hidden': 'true' }, SIGNS[target.met]), h('span', { said: word(`met_${target.met}`) })),
      gap ? h('span', { said: gap }) : null);
  };

  const parts = (item, sampled) => {
    const none = sampled ? word('no_range_sampled') : word('no_range');
    const ha = (value) => sinks.amount(value, 1, item.part_unit);
    const rows = [
      [word('range'), known(item.low) ? sinks.both((l) => `${sinks.range(item.low, item.high, 2)} ${sinks.pair(item.unit)[l]}`) : none],
      [word('numerator'), ha(item.numerator)], [word('denominator'), ha(item.denominator)],
      [word('rule'), item.rule], [word('evidence'), item.evidence],
    ];
    if (item.target) rows.push([word('document'), item.target.document]);
    item.earlier.forEach(([year, value]) => rows.push([word('value_of', { year }), figure(value, item.unit)]));
    return h('dl.sinks-rows', null, ...rows.reduce((all, [what, text]) =>
      all.concat(h('dt', { said: what }), h('dd', null, sinks.name(text))), []));
  };

  const byZone = (item) => h('details', null, h('summary', { said: word('by_zone', { n: item.zones.length }) }),
    h('table.sinks-table', null,
      h('thead', null, h('tr', null, h('th', { scope: 'col', said: word('zone') }),
        h('th', { scope: 'col', said: item.unit }), h('th', { scope: 'col', said: word('range') }))),
      h('tbody', null, ...item.zones.map(([name, value, low, high]) => h('tr', null,
        h('th', { scope: 'row' }, sinks.name(name)),
        h('td', null, sinks.number(value, 2)), h('td', null, sinks.range(low, high, 2)))))));

  const item = (facts, sampled) => h('article.sinks-indicator', null,
    h('h3', null, sinks.name(facts.name)),
    known(facts.value)
      ? h('p.sinks-value', null, h('b', { said: figure(facts.value, facts.unit) }), h('span', null, String(facts.year)))
      : h('p.sinks-value', { said: word('not_computed') }),
    known(facts.value) || facts.target ? bar(facts) : null,
    facts.target ? targetLine(facts) : null,
    known(facts.value) ? parts(facts, sampled) : null,
    facts.zones.length ? byZone(facts) : null);

  sinks.indicatorPanel = (map, id) => {
    const room = sinks.of(map);
    const facts = sinks.facts(`${id}_facts`);
    sinks.dock(room, facts, h('section', null,
      h('h2', null, sinks.name(facts.zone)), ...facts.items.map((each) => item(each, facts.sampled)),
      h('p.sinks-note', { said: word('indicator_note') })));
  };

  /** Notes: sections of paragraphs and of terms with what they stand for. */
  sinks.notesPanel = (map, id) => {
    const facts = sinks.facts(`${id}_facts`);
    const section = ({ title, rows, paragraphs }) => h('section', null, h('h2', { said: title }),
      ...(paragraphs || []).map((text) => h('p', null, sinks.name(text))),
      rows ? h('dl.sinks-rows', null, ...rows.reduce((all, [what, text]) =>
        all.concat(h('dt', null, sinks.name(what)), h('dd', null, sinks.name(text))), [])) : null);
    sinks.dock(sinks.of(map), facts, h('div.sinks-notes', null, ...facts.sections.map(section)));
  };
}());

/* Money in words, and the tables of ecosystem accounts: gaps, checks, and the accounts of
   extent, condition and assets of SEEA EA with the way from GEP to their exchange values. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;

  const MOST_DIGITS = 8;
  const ROUNDING = 0.005; // of hectares and of yuan

  const known = (value) => value !== null && value !== undefined;
  /** Digits of one figure: none for thousands, more for what is small. */
  const fine = (values) => {
    const most = Math.max(0, ...values.filter(known).map(Math.abs));
    if (most >= 0.1 || most === 0) return most >= 1000 || most === 0 ? 0 : (most >= 10 ? 1 : 2);
    return Math.min(MOST_DIGITS, 1 + Math.ceil(-Math.log10(most)));
  };

  /** The unit for amounts of yuan, by the largest of them: 亿元 or 万元, in English millions. */
  const unitOf = (values) => {
    const large = Math.max(0, ...values.filter(known).map(Math.abs)) >= 1e9;
    return { name: word(large ? 'gep_yi' : 'gep_wan'), per: { zh: large ? 1e8 : 1e4, en: 1e6 } };
  };
  /** Amounts of yuan written with the digits of the largest: `text` gets them scaled. */
  const write = (values, unit, text) => sinks.both((l) => {
    const scaled = values.map((value) => (known(value) ? value / unit.per[l] : null));
    return text(scaled, fine(scaled), unit.name[l]);
  });
  /** An amount, or an amount with its interval: the first is shown, all decide on the digits. */
  const plain = (row, unit) => write(list(row), unit, ([v], digits) => sinks.number(v, digits));
  const signed = (row, unit) => write(list(row), unit, ([v], digits) => sinks.signed(v, digits));
  const list = (row) => (Array.isArray(row) ? row : [row]);
  const range = (row, unit) => write(row, unit, ([, low, high], digits) => sinks.range(low, high, digits));
  /** One amount in the unit that suits it, the unit written. */
  const amount = (value, number) => write([value], unitOf([value]), ([v], digits, name) => `${(number || sinks.number)(v, digits)}\u2009${name}`);

  sinks.money = { fine, unitOf, write, plain, signed, range, amount, known };

  const note = (key, facts) => h('p.sinks-note', { said: word(key, facts) });
  const column = (key, facts) => h('th', { scope: 'col', said: word(key, facts) });
  const cell = (said, ...under) => h('td', null, h('span', { said }), ...under.filter(Boolean).map((text) => h('small', { said: text })));
  const table = (caption, heads, body, foot) => h('table.sinks-table.sinks-gases.sinks-account', null,
    h('caption', { said: caption }), h('thead', null, h('tr', null, ...heads)), h('tbody', null, ...body),
    foot ? h('tfoot', null, foot) : null);
  const part = (title, ...children) => h('section.sinks-part', null, h('h3', { said: title }), ...children.filter(Boolean));
  const folded = (title, ...children) => h('details', null, h('summary', { said: title }), ...children);

  /* ---- gaps and checks ---- */

  const gapRow = ([effect, name, detail, unit, services, value, source, department], texts) => {
    const said = [];
    if (effect === 'default_used') said.push(word('gep_default_used', { value: known(value) ? sinks.number(value, fine([value])) : '—', source: known(source) ? texts[source] : '—' }));
    if (services.length) said.push(word('gep_gap_services', { services: sinks.join(services.map((k) => texts[k]), { zh: '、', en: ', ' }) }));
    if (known(department)) said.push(word('gep_gap_department', { department: texts[department] }));
    const missing = effect === 'missing';
    return h('li', null, sinks.lightShape(missing ? 'unknown' : 'open'), h('span', { said: word(missing ? 'gep_missing' : 'gep_default') }), ' ',
      h('b', null, sinks.name(texts[name])), known(detail) ? h('span', null, ' · ', sinks.name(texts[detail])) : null,
      known(unit) ? h('small', null, ' (', sinks.name(texts[unit]), ')') : null,
      h('p', { said: sinks.join(said, { zh: '；', en: '; ' }) }));
  };
  sinks.gapList = (facts, year, i) => {
    const { count, missing, rows } = facts.gaps.of[year][i];
    if (!count) return null;
    return part(word('gep_gaps', { n: count }), note('gep_gaps_note', { missing, defaults: count - missing }),
      folded(word('gep_gaps_list', { n: rows.length }), h('ul.sinks-gaps', null, ...rows.map((k) => gapRow(facts.gaps.rows[k], facts.texts)))));
  };

  const guard = ({ name, passed, finding }) => h('li', null,
    h(`span.sinks-badge.sinks-badge-${passed ? 'yes' : 'no'}`, null, sinks.lightShape(passed ? 'yes' : 'no'), h('span', { said: word(passed ? 'gep_passed' : 'gep_flagged') })),
    h('b', null, sinks.name(name)), finding ? h('p', null, sinks.name(finding)) : null);
  sinks.guardList = ({ guards }) => (guards.length
    ? part(word('gep_guards'), h('ul.sinks-guards', null, ...guards.map(guard)), note('gep_guards_note')) : null);

  /* ---- SEEA EA ---- */

  const hectares = (value) => sinks.number(value, fine([value]));
  /** Why something changed: what is more than rounding, each on a line of its own. */
  const reasons = (pairs, text) => h('td', null, ...pairs.filter(([, value]) => Math.abs(value) >= ROUNDING).map(([key, value]) =>
    h('small', { said: sinks.join([word(key), text(value)], ' ') })));
  const MOVES = [['gep_managed_expansion', 1], ['gep_unmanaged_expansion', 1], ['gep_managed_reduction', -1], ['gep_unmanaged_reduction', -1], ['gep_reappraisal', 1]];
  /** Hectares as mapped and, below, what a probability sample says of them. */
  const mapped = (value, [estimate, low, high]) => (known(estimate)
    ? cell(hectares(value), word('gep_estimated', { value: hectares(estimate) }), sinks.range(low, high, fine([low, high]))) : cell(hectares(value)));
  const extentCells = ([opening, ...more]) => [mapped(opening, more.slice(6, 9)),
    reasons(MOVES.map(([key, sign], k) => [key, sign * more[k]]), (value) => sinks.signed(value, fine([value]))),
    mapped(more[MOVES.length], more.slice(9))];
  const extent = (facts, i) => {
    const found = facts.seea.extent[i];
    if (!found) return null;
    const heads = ['class', 'gep_opening', 'change', 'gep_closing'].map((key) => column(key));
    return table(word('gep_extent', years(facts)), heads, found.rows.map(([k, get, ...row]) => h('tr', null,
      h('th', { scope: 'row' }, h('span.sinks-colour', { style: { 'background-color': facts.seea.classes[k].colour } }), sinks.name(facts.seea.classes[k].name),
        get ? h('small', null, sinks.name(get)) : null), ...extentCells(row))),
    h('tr', null, h('th', { scope: 'row', said: word('total') }), ...extentCells(found.total)));
  };
  const years = ({ years: all }) => ({ first: all[0], last: all[all.length - 1] });

  const condition = (facts, year, i) => {
    const rows = facts.seea.condition[year][i];
    if (!rows.length) return null;
    const { texts } = facts;
    return table(word('gep_condition', { year }), [column('gep_variable'), column('gep_observed'), column('gep_indicator')],
      rows.map(([index, name, value, unit, indicator, source]) => h(index ? 'tr.sinks-sum' : 'tr', null,
        h('th', { scope: 'row' }, sinks.name(texts[name]), known(source) ? h('small', null, sinks.name(texts[source])) : null),
        index ? h('td', known(value) ? { said: word('gep_index_of', { n: value, of: unit }) } : null)
          : h('td', { said: known(unit) ? sinks.amount(value, fine([value]), texts[unit]) : sinks.number(value, fine([value])) }),
        h('td', null, sinks.number(indicator, 2), h('i.sinks-scale', { 'aria-hidden': 'true' }, h('i', { style: { width: `${100 * Math.max(0, Math.min(1, indicator || 0))}%` } }))))));
  };

  const assets = (facts, i) => {
    const found = facts.seea.assets[i];
    if (!found) return null;
    const unit = unitOf(found.total);
    const heads = ['gep_service', 'gep_opening', 'change', 'gep_closing'].map((key) => column(key));
    const cells = ([opening, ofExtent, ofCondition, revaluation, closing, ...ends]) => [
      cell(plain([opening, ends[0], ends[1]], unit), known(ends[0]) ? range([opening, ends[0], ends[1]], unit) : null),
      reasons([['gep_by_extent', ofExtent], ['gep_by_condition', ofCondition], ['gep_revaluation', revaluation]], (value) => signed(value, unit)),
      cell(plain([closing, ends[2], ends[3]], unit), known(ends[2]) ? range([closing, ends[2], ends[3]], unit) : null)];
    return [table(word('gep_assets', { unit: unit.name, ...years(facts) }), heads, found.rows.map(([k, ...row]) => {
      const [life, discount] = row.slice(-2);
      return h('tr', null, h('th', { scope: 'row' }, sinks.name(facts.services[k].name),
        known(life) && known(discount) ? h('small', { said: word('gep_life', { life, discount }) }) : null), ...cells(row));
    }), h('tr', null, h('th', { scope: 'row', said: word('total') }), ...cells(found.total))), note('gep_assets_note')];
  };

  const bridge = (facts, year, i) => {
    const rows = facts.seea.bridge[year][i];
    if (!rows.length) return null;
    const unit = unitOf(rows.map(([, , cumulative]) => cumulative));
    return table(word('gep_bridge', { year, unit: unit.name }), [column('gep_step'), column('gep_amount'), column('gep_cumulative')],
      rows.map(([name, value, cumulative], k) => {
        const end = k === 0 || k === rows.length - 1;
        return h(end ? 'tr.sinks-sum' : 'tr', null, h('th', { scope: 'row' }, sinks.name(facts.texts[name])),
          h('td', { said: end ? plain(value, unit) : signed(value, unit) }), h('td', { said: plain(cumulative, unit) }));
      }));
  };

  sinks.seeaAccounts = (facts, year, i) => {
    const shown = [extent(facts, i), condition(facts, year, i)].concat(assets(facts, i), bridge(facts, year, i)).filter(Boolean);
    return shown.length ? part(word('gep_seea'), note('gep_seea_note'), ...shown) : null;
  };
}());

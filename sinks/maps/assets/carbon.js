/* Greenhouse gases and carbon of one zone: the net balance of the year and what it is made of,
   what decides the width of its interval, the years to come, stock and change. Every figure
   comes from the result tables; amounts of CH4 and N2O are there for every set of potentials. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const SIGNS = { sink: '▼', source: '▲', open: '?' };
  const STOPS = [2030, 2040, 2060];
  const LEAST = 0.005; // of a part of the balance; less reads 0.00

  class CarbonPanel {
    constructor(room, facts) {
      Object.assign(this, { room, facts, set: facts.sets[0], i: 0, at: facts.year });
      this.body = h('div.sinks-zone');
      this.choice = new sinks.ZoneChoice(room, facts, 'sinks-carbon-zone', (i) => this.draw(i));
      this.sets = h('select', { id: 'sinks-potentials', onchange: () => this._choose(this.sets.value) },
        ...facts.sets.map(({ key, name }) => h('option', { value: key, said: name })));
      this.draw(0);
    }

    node() {
      return h('section', null, this.choice.node(),
        h('label.sinks-field', { for: 'sinks-potentials' }, h('span', { said: word('choose_potentials') }), this.sets),
        this.body);
    }

    _choose(key) {
      this.set = this.facts.sets.find((set) => set.key === key);
      this.draw(this.i);
    }
    draw(i) {
      this.i = i;
      const { zones, kinds } = this.facts;
      this.body.replaceChildren(...[
        h('h2', null, sinks.name(zones[i].name), h('small', { said: kinds[zones[i].kind] })),
        this._balance(i), this._reasons(i), this._years(i), this._carbon(i), this._crediting(i)].filter(Boolean));
    }

    _balance(i) {
      const { year, accounting_only: accounting, net, by_gas: byGas } = this.facts;
      const told = net[this.set.key][i];
      if (!told) return null;
      const [value, low, high] = told.net;
      const gases = byGas[this.set.key][i].map((row) => row || [0, 0, 0, 0, 0]);
      const digits = sinks.digitsFor([value, low, high]);
      return part(word('balance_of', { year }),
        h('p.sinks-value', null, h('b', { said: amount(value, digits, 'tco2e_per_year') })),
        h('p.sinks-verdict', null,
          h(`span.sinks-badge.sinks-badge-${told.verdict}`, null, h('span', { 'aria-hidden': 'true' }, SIGNS[told.verdict]), h('span', { said: word(`verdict_${told.verdict}`) })),
          h('small', { said: word('interval', { range: sinks.range(low, high, digits) }) })),
        sinks.flowBars({ gases, net: value, low, high, verdict: told.verdict, digits }),
        this._gases(gases, digits),
        rows([[word('probability_sink'), sinks.chance(told.probability)],
          [word('detectable'), sinks.number(told.detectable, digits)]]),
        h('p.sinks-accounting', { said: accounting }), ...this._notes(i));
    }
    _gases(gases, digits) {
      return h('table.sinks-table.sinks-gases', null,
        h('caption', { said: word('gas_table') }),
        h('thead', null, h('tr', null, ...['gas', 'removals', 'emissions', 'net'].map((key) => h('th', { scope: 'col', said: word(key) })))),
        h('tbody', null, ...gases.map(([removal, emission, net, low, high], k) => h('tr', null,
          h('th', { scope: 'row' }, h(`span.sinks-colour.sinks-gas-${k}`), sinks.name(this.facts.gases[k])),
          h('td', null, sinks.number(removal, digits)), h('td', null, sinks.number(emission, digits)),
          withRange([net, low, high], digits)))));
    }
    _notes(i) {
      const { sure_pct: sure, stock_estimated: estimated, zones, whole } = this.facts;
      const { name, ch4, n2o } = this.set;
      return [word('sign_note'), word('set_note', { name, ch4, n2o }),
        word(estimated[i] ? 'ground_note_estimated' : 'ground_note_mapped'),
        estimated[i] && zones[i].id !== whole ? word('area_note_zone') : null,
        word('verdict_note', { sure, unsure: 100 - sure })].filter(Boolean).map((text) => h('p.sinks-note', { said: text }));
    }

    /** What decides the width of the interval, most first. */
    _reasons(i) {
      const found = this.facts.contributions[i];
      if (!found.length) return null;
      return part(word('reasons'),
        h('ol.sinks-reasons', null, ...found.map(([name, key, share]) => h('li', null,
          h('span', null, sinks.name(name), h('small', null, sinks.name(key))), h('b', null, `${sinks.number(share, 1)}%`),
          h('i', { 'aria-hidden': 'true', style: { width: `${Math.max(0, Math.min(100, share))}%` } })))),
        h('p.sinks-note', { said: word('reasons_note', { name: this.facts.sets[0].name }) }));
    }

    _years(i) {
      const { years, parts: keys, zones } = this.facts.series;
      if (!zones[i] || years.length < 2) return null;
      const [net, low, high] = zones[i];
      const parts = keys.map((key, k) => ({ key, values: zones[i][3 + k] }))
        .filter(({ values }) => values.some((value) => Math.abs(value) >= LEAST));
      const span = { first: years[0], last: years[years.length - 1], name: this.facts.sets[0].name };
      const chart = sinks.trajectory({ years, net, low, high, parts, label: word('trajectory_label', span) });
      return part(word('trajectory', span), chart.node,
        h('div.sinks-keys', null, sinks.chartKey('sinks-chart-net', word('net')), sinks.chartKey('sinks-chart-band', word('range')),
          ...parts.map(({ key }) => sinks.chartKey(`sinks-part-${key}`, word(`part_${key}`)))),
        this._reading(i, parts, chart.mark), this._cumulative(i),
        h('p.sinks-note', { said: word('trajectory_note', span) }));
    }
    /** One year of the chart in figures, chosen with a slider. */
    _reading(i, parts, mark) {
      const { years, zones } = this.facts.series;
      const shown = h('output');
      const list = h('div');
      const slider = h('input', {
        type: 'range', min: years[0], max: years[years.length - 1], 'aria-label': word('read_year'),
        oninput: () => { this.at = Number(slider.value); show(); },
      });
      const show = () => {
        const k = Math.max(0, years.indexOf(this.at));
        const [net, low, high] = zones[i].map((column) => column[k]);
        const digits = sinks.digitsFor([net, low, high]);
        mark(k);
        shown.textContent = years[k];
        list.replaceChildren(rows([[word('net'), sinks.signed(net, digits)], [word('range'), sinks.range(low, high, digits)],
          ...parts.map(({ key, values }) => [word(`part_${key}`), sinks.signed(values[k], digits)])]));
      };
      slider.value = this.at;
      show();
      return h('div.sinks-reading', null, h('label.sinks-opacity', null, h('span', { said: word('read_year') }), slider, shown), list);
    }
    _cumulative(i) {
      const { years, zones } = this.facts.series;
      const stops = STOPS.filter((year) => years.includes(year));
      if (!stops.length) return null;
      const columns = zones[i];
      const digits = sinks.digitsFor(columns[0]);
      return h('table.sinks-table.sinks-gases', null,
        h('caption', { said: word('cumulative_table', { first: years[0] + 1 }) }),
        h('thead', null, h('tr', null, ...['until', 'net_per_year', 'cumulative'].map((key) => h('th', { scope: 'col', said: word(key) })))),
        h('tbody', null, ...stops.map((year) => {
          const of = columns.map((column) => column[years.indexOf(year)]);
          return h('tr', null, h('th', { scope: 'row' }, String(year)),
            withRange(of.slice(0, 3), digits), withRange(of.slice(-3), digits));
        })));
    }

    _carbon(i) {
      const { year, first_year: first, phased, stock, stock_estimated: estimated, potential, potential_estimated: estimatedPotential, parts } = this.facts;
      const way = potential[i] && card(word('potential_change'), sinks.signed, [['by_estimated', estimatedPotential[i]], ['by_mapped', potential[i]]],
        ...parts.filter(({ values }) => values[i] !== null).map(({ name, values }) => [name, sinks.signed(values[i], 0)]));
      const so = phased[i] && card(word('change_so_far', { first, year }), sinks.signed, [['by_mapped', phased[i].change]],
        [word('probability_gain'), sinks.chance(phased[i].probability)]);
      return part(word('stock_and_change'), h('div.sinks-cards', null,
        stock[i] && card(word('stock_of', { year }), sinks.number, [['by_estimated', estimated[i]], ['by_mapped', stock[i]]], ...this._apart(i)), so, way),
      h('p.sinks-note', { said: word('stock_note_carbon') }));
    }
    /** What stands beside the stock: stands in the place of classes, and what is not in it. */
    _apart(i) {
      const { stands, sediment, trees_outside: trees } = this.facts;
      const found = [];
      if (stands[i] && stands[i][0] >= LEAST) {
        const [ha, live, byClass] = stands[i].map((value, k) => sinks.number(value, k ? 0 : 1));
        found.push([word('stands_replace', { ha }), word('stands_instead', { live, class: byClass })]);
      }
      [['sediment', sediment[i]], ['trees_outside', trees[i]]].filter(([, row]) => row).forEach(([key, [value, low, high]]) =>
        found.push([word(key), word('with_range', { value: sinks.number(value, 0), range: sinks.range(low, high, 0) })]));
      return found;
    }

    /** New stands that no credits could be had for: known for the whole alone. */
    _crediting(i) {
      const { crediting, zones, whole } = this.facts;
      if (!crediting || zones[i].id !== whole) return null;
      const ha = (value) => sinks.amount(value, 1, word('ha'));
      return part(word('crediting'),
        h('p.sinks-note', { said: word('crediting_note', { area: ha(crediting.area_ha), of: ha(crediting.of_ha) }) }),
        rows(crediting.rules.map(([name, area]) => [name, ha(area)])));
    }
  }

  const amount = (value, digits, unit) => sinks.both((l) => `${sinks.signed(value, digits)}\u2009${word(unit)[l]}`);
  const part = (title, ...children) => h('section.sinks-part', null, h('h3', { said: title }), ...children.filter(Boolean));
  const rows = (pairs) => h('dl.sinks-rows', null, ...pairs.reduce((all, [what, text]) =>
    all.concat(h('dt', null, sinks.name(what)), h('dd', null, sinks.name(text))), []));
  const withRange = ([value, low, high], digits) => h('td', null, sinks.signed(value, digits), h('small', null, sinks.range(low, high, digits)));
  /** Figures in tonnes of carbon with their intervals; those that are not there are left out. */
  const card = (title, number, lines, ...more) => h('div.sinks-card', null, h('strong', { said: title }),
    ...lines.filter(([, row]) => row).reduce((all, [key, [value, low, high]]) => all.concat(
      h('span', { said: word(key) }),
      h('b', { said: sinks.both((l) => `${number(value, 0)}\u2009${word('tc')[l]}`) }),
      h('small', { said: word('interval', { range: sinks.range(low, high, 0) }) })), []),
    more.length ? rows(more) : null);

  sinks.carbonPanel = (map, id) => {
    const room = sinks.of(map);
    const facts = sinks.facts(`${id}_facts`);
    const panel = new CarbonPanel(room, facts);
    sinks.dock(room, facts, panel.node());
    return panel;
  };
}());

/* Restoration: two scenarios side by side against one baseline. What has added up and the effect
   of the year, what may be said of them, the years between, what the choice of the baseline alone
   does, and what changes in land, indicators, services and value. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word, money } = sinks;
  const { known, fine } = money;
  const LIGHTS = { benefit: 'yes', cost: 'no', open: 'open', none: 'unknown' };
  const MODES = ['added', 'yearly'];
  const NONE = -1; // no second scenario

  class RestorationPanel {
    constructor(room, facts) {
      const { scenarios, stops, years } = facts;
      Object.assign(this, { facts, s: [0, scenarios.length > 1 ? 1 : NONE], b: 0, mode: 'added', stop: stops.length - 1, at: stops[0] || years[0] });
      this.body = h('div.sinks-zone.sinks-restore');
      this.selects = [
        choice('sinks-restore-scenario', scenarios, (k) => this._scenario(0, k)),
        choice('sinks-restore-beside', scenarios, (k) => this._scenario(1, k), word('restore_no_other')),
        choice('sinks-restore-baseline', facts.baselines, (k) => { this.b = k; this.draw(); })];
      this.draw();
    }

    node() {
      const keys = ['restore_scenario', 'restore_beside', 'restore_baseline'];
      return h('section', null, ...this.selects.map((select, k) => h('label.sinks-field', { for: select.id }, h('span', { said: word(keys[k]) }), select)), this.body);
    }

    /** A scenario is never compared with itself. */
    _scenario(side, k) {
      this.s[side] = k;
      if (this.s[0] === this.s[1]) this.s[1] = NONE;
      this.draw();
    }
    draw() {
      const [first, beside] = this.selects;
      first.value = this.s[0];
      beside.value = this.s[1];
      Array.from(beside.options).forEach((option) => { option.disabled = option.value === String(this.s[0]); });
      this.shown = this.s.filter((k) => k !== NONE);
      this.body.replaceChildren(...[h('p.sinks-accounting', { said: this.facts.accounting_only }), this._heads(), this._effect(), this._years(),
        this._baselines(), this._sets(), this._changes()].filter(Boolean));
    }
    /** Draw again after a switch, and leave it where the keyboard was. */
    _again(name, given) {
      Object.assign(this, given);
      this.draw();
      const pressed = this.body.querySelector(`input[name="${name}"]:checked`);
      if (pressed) pressed.focus();
    }
    _name(k) {
      return this.facts.scenarios[k].name;
    }

    /* ---- what the scenarios are ---- */

    _heads() {
      const of = this.shown.map((k) => this.facts.scenarios[k]);
      return part(word('restore_heads'), this._table(null, [
        row('restore_measures', of.map(({ measures: n }) => cell(word('restore_measures_of', { n })))),
        row('restore_area', of.map(({ area_ha: area }) => cell(sinks.amount(area, fine([area]), word('ha'))))),
        row('restore_years', of.map(({ years }) => cell(Array.from(new Set(years)).join('–')))),
        row('restore_cost', of.map(({ cost }) => cell(yuan(cost[0]), known(cost[1]) ? yuanRange(cost) : null))),
        row('restore_cost_per_ha', of.map(({ cost_per_ha: cost }) => cell(yuan(cost)))),
      ]), ...this._costs(of));
    }
    /** Whether costs were told or are defaults, said once of the scenarios that it is true of. */
    _costs(of) {
      const said = of.filter(({ cost }) => known(cost[0])).map(({ cost_told: told }) => told);
      return Array.from(new Set(said)).map((each) => note(word(`restore_cost_${each}`, {
        name: sinks.join(of.filter(({ cost, cost_told: told }) => known(cost[0]) && told === each).map(({ name }) => name), { zh: '、', en: '; ' }),
      })));
    }
    /** A table with one column for each scenario that is shown. */
    _table(caption, body, first) {
      return h('table.sinks-table.sinks-gases.sinks-account.sinks-sides', null, caption ? h('caption', { said: caption }) : null,
        h('thead', null, h('tr', null, h('th', { scope: 'col', said: word(first || 'restore_sides') }),
          ...this.shown.map((k, side) => h('th', { scope: 'col' }, h(`span.sinks-colour.sinks-side-${side}`), sinks.name(this._name(k)))))),
        h('tbody', null, ...body));
    }

    /* ---- what they change by when ---- */

    _effect() {
      const { facts, b } = this;
      const { name, ch4, n2o } = facts.sets[0];
      const body = facts.stops.reduce((all, year, k) => {
        const told = this.shown.map((s) => facts.horizons[s][b][k]);
        if (!told.some(Boolean)) return all;
        return all.concat(heading(word('restore_until', { year }), this.shown.length),
          row('restore_added', told.map((of) => (of ? cell(...written(of.added.value), judged(of.added)) : cell('—')))),
          row('restore_yearly', told.map((of) => (of ? cell(...written(of.yearly.value), judged(of.yearly)) : cell('—')))),
          row('restore_per_tonne', told.map((of) => (of && known(of.per_tonne[0]) ? cell(yuan(of.per_tonne[0]), yuanRange(of.per_tonne)) : cell('—')))));
      }, []);
      return part(word('restore_effect', { baseline: facts.baselines[b].name }), this._table(word('restore_effect_unit'), body),
        note(word('restore_first_note')), note(word('restore_said_note', { sure: facts.sure_pct, unsure: 100 - facts.sure_pct })),
        note(word('set_note', { name, ch4, n2o })));
    }

    /* ---- the years ---- */

    _years() {
      const { facts, b, mode } = this;
      const { years } = facts;
      const [first, second] = this.shown.map((s) => facts.series[s][b][mode]);
      if (!first[0].length || years.length < 2) return null;
      const span = { first: years[0], last: years[years.length - 1] };
      const [net, low, high] = first;
      const chart = sinks.trajectory({
        years, net, low, high, label: word('restore_curve_label', span),
        parts: second ? [{ key: 'beside', values: second[0] }] : [],
        bands: second ? [{ key: 'beside', low: second[1], high: second[2] }] : [],
      });
      const keys = [['sinks-chart-net', 'sinks-chart-band'], ['sinks-part-beside', 'sinks-band-beside']];
      return part(word('restore_curve', span), this._modes('curve'), note(word(`restore_unit_${mode}`)), chart.node,
        h('div.sinks-keys', null, ...this.shown.reduce((all, s, side) => all.concat(sinks.chartKey(keys[side][0], this._name(s)),
          sinks.chartKey(keys[side][1], word('range'))), [])),
        this._reading(chart.mark));
    }
    _modes(place) {
      const name = `sinks-restore-mode-${place}`;
      return pills(name, word('restore_mode'), MODES.map((mode) => ({ value: mode, said: word(`restore_mode_${mode}`) })), this.mode,
        (mode) => this._again(name, { mode }));
    }
    /** One year of the chart in figures, chosen with a slider. */
    _reading(mark) {
      const { facts, b, mode } = this;
      const { years } = facts;
      const shown = h('output');
      const list = h('div');
      const slider = h('input', {
        type: 'range', min: years[0], max: years[years.length - 1], 'aria-label': word('read_year'),
        oninput: () => { this.at = Number(slider.value); show(); },
      });
      const show = () => {
        const k = Math.max(0, years.indexOf(this.at));
        mark(k);
        shown.textContent = years[k];
        const told = this.shown.map((s) => facts.series[s][b][mode].map((column) => column[k]));
        list.replaceChildren(this._table(null, [
          row(`restore_${mode}`, told.map((values) => cell(...written(values)))),
          row('restore_chance', told.map((values) => cell(known(values[3]) ? sinks.chance(values[3]) : '—')))]));
      };
      slider.value = this.at;
      show();
      return h('div.sinks-reading', null, h('label.sinks-opacity', null, h('span', { said: word('read_year') }), slider, shown), list);
    }

    /* ---- what the baseline alone causes ---- */

    _baselines() {
      const { facts, stop, mode } = this;
      if (facts.baselines.length < 2 || !facts.stops.length) return null;
      const of = (s, b) => { const told = facts.horizons[s][b][stop]; return told && told[mode].value; };
      const found = facts.baselines.map(({ name }, b) => ({ name, b, values: this.shown.map((s) => of(s, b)) }));
      const all = found.reduce((some, { values }) => some.concat(...values.filter(Boolean)), [0]).filter(known);
      const least = Math.min(...all);
      const scale = (value) => 100 * (value - least) / (Math.max(...all) - least || 1);
      const years = facts.stops.map((year, k) => ({ value: k, said: String(year) }));
      return part(word('restore_spread', { year: facts.stops[stop] }), h('div.sinks-restore-tools', null,
        pills('sinks-restore-stop', word('restore_spread_year'), years, stop, (k) => this._again('sinks-restore-stop', { stop: k })), this._modes('spread')),
      note(word(`restore_unit_${mode}`)),
      ...found.map(({ name, b, values }) => h(b === this.b ? 'div.sinks-against.sinks-against-chosen' : 'div.sinks-against', null, h('b', null, sinks.name(name)),
        ...values.map((value, side) => (value ? h('div.sinks-service', null, drawn(value, `sinks-side-${side}`, scale),
          h('span.sinks-figure', null, h('b', null, sinks.signed(value[0], fine(value))), h('small', null, sinks.range(value[1], value[2], fine(value))))) : null)))),
      ...this.shown.map((s) => this._spread(s)).filter(Boolean), note(word('restore_spread_note')));
    }
    _spread(s) {
      const found = this.facts.spread[s][this.stop];
      if (!found || !found[this.mode].every(known)) return null;
      const values = found[this.mode];
      const [least, most, spread] = values.map((value) => sinks.number(value, fine(values)));
      return h('p.sinks-ahead', { said: word('restore_spread_of', { name: this._name(s), least, most, spread }) });
    }

    /* ---- other potentials ---- */

    _sets() {
      const { sets, sets_last: last, stops } = this.facts;
      if (sets.length < 2 || !stops.length) return null;
      const told = (key) => this.shown.map((s) => { const of = last[key][s][this.b]; return of ? cell(...written(of.value), judged(of)) : cell('—'); });
      return part(word('restore_sets', { year: stops[stops.length - 1] }), this._table(word('restore_effect_unit'),
        sets.map(({ key, name, ch4, n2o }) => h('tr', null, h('th', { scope: 'row' }, sinks.name(name), h('small', null, `CH₄ ${ch4}, N₂O ${n2o}`)), ...told(key))), 'restore_set'));
    }

    /* ---- land, indicators, services, value ---- */

    _changes() {
      const { effects, changes } = this.facts;
      const found = effects.map((effect, k) => ({ ...effect, of: this.shown.map((s) => changes[s][k]) })).filter(({ of }) => of.some(Boolean));
      if (!found.length) return null;
      const kinds = Array.from(new Set(found.map(({ kind }) => kind)));
      return part(word('restore_changes'), note(word('restore_changes_note')), ...kinds.map((each) => h('details', { open: each !== 'service' },
        h('summary', { said: word(`restore_kind_${each}`) }),
        this._table(null, found.filter(({ kind }) => kind === each).map(({ kind, name, unit, of }) => h('tr', null,
          h('th', { scope: 'row' }, sinks.name(name), kind === 'value' ? null : h('small', null, sinks.name(unit))),
          ...of.map((values) => changed(values, kind, unit)))), 'restore_change'))));
    }
  }

  const note = (said) => h('p.sinks-note', { said });
  const part = (title, ...children) => h('section.sinks-part', null, h('h3', { said: title }), ...children.filter(Boolean));
  const choice = (id, options, chosen, none) => {
    const select = h('select', { id, onchange: () => chosen(Number(select.value)) },
      none ? h('option', { value: NONE, said: none }) : null, ...options.map(({ name }, k) => h('option', { value: k, said: name })));
    return select;
  };
  const pills = (name, label, options, now, choose) => h('div.sinks-pills.sinks-restore-pills', { role: 'radiogroup', 'aria-label': label },
    ...options.map(({ value, said }) => h('label.sinks-pill', null,
      h('input', { type: 'radio', name, checked: value === now, onchange: () => choose(value) }), h('span', { said }))));

  /* ---- rows and cells ---- */

  /** A cell of a table: a figure, and below it texts or what is made already. */
  const cell = (said, ...under) => h('td', null, h('span', { said }), ...under.filter(Boolean).map((each) => (each instanceof Node ? each : h('small', { said: each }))));
  const row = (key, cells) => h('tr', null, h('th', { scope: 'row', said: word(key) }), ...cells);
  const heading = (said, sides) => h('tr.sinks-sum', null, h('th', { scope: 'rowgroup', colspan: sides + 1, said }));
  /** A figure with sign, and its interval where it has one. */
  const written = (values) => [sinks.signed(values[0], fine(values.slice(0, 3))), known(values[1]) ? sinks.range(values[1], values[2], fine(values.slice(0, 3))) : null];
  /** What may be said of a sign, in words, with the probability. */
  const judged = ({ probability, verdict }) => h('span.sinks-judged', null,
    h(`span.sinks-badge-${LIGHTS[verdict]}`, null, sinks.lightShape(LIGHTS[verdict]), h('b', { said: word(`restore_said_${verdict}`) })),
    known(probability) ? h('small', null, h('span', { said: word('restore_chance') }), ` ${sinks.chance(probability)}`) : null);
  const changed = (values, kind, unit) => {
    if (!values) return cell('—');
    const [without, with_, difference, low, high, cost] = values;
    const paid = known(cost) ? word('restore_cost_of', { cost: yuan(cost), unit }) : null;
    if (kind === 'value') {
      const scale = money.unitOf([without, with_]);
      const amount = (row, text) => money.write(row, scale, text);
      return cell(amount([difference, low, high], ([v], d, name) => `${sinks.signed(v, d)}\u2009${name}`),
        known(low) ? amount([difference, low, high], ([, from, to], d) => sinks.range(from, to, d)) : null,
        amount([without, with_], ([from, to], d) => `${sinks.number(from, d)} → ${sinks.number(to, d)}`), paid);
    }
    const digits = endDigits(without, with_, difference);
    return cell(...written([difference, low, high]),
      word('restore_ends', { without: sinks.number(without, digits), with: sinks.number(with_, digits) }), paid);
  };
  /** Digits with which two ends show their difference. */
  const endDigits = (without, with_, difference) => Math.min(fine([difference]), Math.max(fine([without, with_]), 2));

  /* ---- money: unlike accounts, amounts may be of a tonne or a hectare ---- */

  const STEPS = { zh: [[1e8, 'gep_yi'], [1e4, 'gep_wan'], [1, 'gep_yuan']], en: [[1e6, 'gep_yi'], [1, 'gep_yuan']] };
  /** Amounts in the unit that suits the first of them. */
  const scaled = ([value, ...more], text) => sinks.both((l) => {
    const [per, key] = STEPS[l].find(([from]) => Math.abs(value) >= from) || STEPS[l][STEPS[l].length - 1];
    return text([value].concat(more).map((each) => each / per), word(key)[l]);
  });
  const yuan = (value) => (known(value) ? scaled([value], ([v], unit) => `${sinks.number(v, fine([v]))}\u2009${unit}`) : '—');
  const yuanRange = (values) => scaled(values, ([, low, high], unit) => `${sinks.range(low, high, fine([low, high]))}\u2009${unit}`);

  /** A bar from zero, losses to the left, with the interval as a line across. */
  const drawn = ([value, low, high], colour, at) => {
    const piece = (name, from, to) => h(`i.${name}`, { style: { left: `${at(Math.min(from, to))}%`, width: `${Math.abs(at(to) - at(from))}%` } });
    return h('span.sinks-flow-track', { 'aria-hidden': 'true' }, piece(colour, 0, value || 0),
      known(low) && known(high) ? piece('sinks-bar-range', low, high) : null, h('i.sinks-flow-zero', { style: { left: `${at(0)}%` } }));
  };

  sinks.restorationPanel = (map, id) => {
    const room = sinks.of(map);
    const facts = sinks.facts(`${id}_facts`);
    const panel = new RestorationPanel(room, facts);
    sinks.dock(room, facts, panel.node());
    return panel;
  };
}());

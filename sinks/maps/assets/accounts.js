/* Ecosystem products of one zone and year in money: the whole with its interval and what it
   rests on, the services as bars, what each is made of, and the change between two years. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const COUNTED = ['counted', 'partly'];
  /** ColorBrewer's YlGnBu, pale where little is: told apart without red and green. */
  const STEPS = ['#ffffcc', '#a1dab4', '#41b6c4', '#2c7fb8', '#253494'];

  class AccountPanel {
    constructor(room, facts) {
      Object.assign(this, { room, facts, i: 0, year: facts.years[facts.years.length - 1], trace: null });
      this.body = h('div.sinks-zone');
      this.choice = new sinks.ZoneChoice(room, facts, 'sinks-accounts-zone', (i) => { this.i = i; this.draw(); });
      this.years = h('select', { id: 'sinks-accounts-year', onchange: () => this._turn(Number(this.years.value)) },
        ...facts.years.map((year) => h('option', { value: year }, String(year))));
      this.years.value = this.year;
      this.towns = new TownColours(room, facts);
      this.draw();
    }

    node() {
      return h('section', null, this.choice.node(),
        h('label.sinks-field', { for: this.years.id }, h('span', { said: word('gep_year') }), this.years), this.body);
    }

    _turn(year) {
      this.year = year;
      this.draw();
      this.towns.turn(year);
    }
    draw() {
      const { facts, year, i } = this;
      const { name, kind } = facts.zones[i];
      const total = facts.totals[year][i];
      this.body.replaceChildren(...[
        h('h2', null, sinks.name(name), h('small', { said: facts.kinds[kind] })),
        kind === 'site' ? note(word('gep_site_note')) : null,
        total ? this._whole(total) : h('p', { said: word('gep_none') }),
        total ? this._services() : null, this._change(), this.towns.node(year),
        sinks.gapList(facts, year, i), sinks.guardList(facts), sinks.seeaAccounts(facts, year, i)].filter(Boolean));
    }

    /* ---- the whole ---- */

    _whole(total) {
      const { facts, year } = this;
      const { rule_set: rules, standings } = facts;
      const unit = money.unitOf(total.gep);
      const reference = total.standing === 'reference';
      return part(word('gep_of', { year }),
        h('p.sinks-value', null, h('b', { said: money.write(total.gep, unit, ([value], digits, name) => `${sinks.number(value, digits)}\u2009${name}`) }),
          reference ? h('span.sinks-badge.sinks-badge-open', { title: word('gep_reference_note') }, sinks.lightShape('open'), h('span', { said: standings.reference })) : null),
        h('p.sinks-gep-range', { said: word('interval', { range: money.range(total.gep, unit) }) }),
        reference ? note(word('gep_reference_note')) : null,
        this._groups(total, unit),
        rows(this._basis(total)), resting(total.shares, facts.grounds),
        rules && !rules.verified ? h('p.sinks-blind', { said: word('gep_rules_unverified') }) : null);
    }
    _groups({ groups }, unit) {
      return h('table.sinks-table.sinks-gases.sinks-groups', null,
        h('caption', { said: word('gep_by_group', { unit: unit.name }) }),
        h('tbody', null, ...groups.map((row, k) => h('tr', null,
          h('th', { scope: 'row' }, h(`span.sinks-colour.sinks-group-${this.facts.groups[k].key}`), sinks.name(this.facts.groups[k].name)),
          h('td', null, h('span', { said: money.plain(row, unit) }), h('small', { said: money.range(row, unit) }))))));
    }
    /** By which rules and at which prices the whole is what it is. */
    _basis(total) {
      const { rule_set: rules } = this.facts;
      const yuanHa = (value) => sinks.amount(value, 0, word('gep_yuan_ha'));
      const found = [[word('gep_per_ha'), yuanHa(total.per_ha)], [word('gep_prices'), word('gep_current', { year: this.year })]];
      if (known(total.constant[0])) found.push([word('gep_constant', { year: rules && rules.base_year ? rules.base_year : '—' }), ranged(total.constant)]);
      if (known(total.gross)) found.push([word('gep_gross'), money.amount(total.gross)]);
      if (known(total.imports)) found.push([word('gep_imports'), money.amount(total.imports)]);
      if (known(total.counted)) found.push([word('gep_counted'), word('gep_counted_of', { n: total.counted, missing: total.missing })]);
      if (rules) {
        found.push([word('gep_rules'), sinks.join([rules.name].concat(rules.document ? [rules.document] : []), { zh: '，', en: ', ' })]);
        if (rules.status) found.push([word('gep_rules_status'), rules.status]);
        found.push([word('gep_provisioning'), word(`gep_provisioning_${rules.provisioning}`)]);
      }
      return found;
    }

    /* ---- services ---- */

    _services() {
      const { facts, year, i } = this;
      const all = facts.accounts[year][i].map(asAccount);
      const shown = all.filter(({ status }) => COUNTED.includes(status));
      const rest = all.filter(({ status }) => !COUNTED.includes(status));
      const unit = money.unitOf(shown.reduce((values, { value }) => values.concat(value), []));
      const scale = scaleOf(shown);
      return part(word('gep_services', { unit: unit.name }), note(word('gep_services_note')),
        ...facts.groups.map(({ key, name }) => {
          const own = shown.filter(({ k }) => facts.services[k].group === key);
          return own.length ? h('div.sinks-services', null, h('h4', null, h(`span.sinks-colour.sinks-group-${key}`), sinks.name(name)),
            ...own.map((account) => this._service(account, unit, scale))) : null;
        }), this._apart(rest));
    }
    _service(account, unit, scale) {
      const { key, name, group } = this.facts.services[account.k];
      const id = `sinks-trace-${account.k}`;
      const room = h('div', { id });
      const open = () => {
        const on = button.getAttribute('aria-expanded') !== 'true';
        this.trace = on ? key : null;
        button.setAttribute('aria-expanded', on);
        room.replaceChildren(...(on ? [this._trace(account)] : []));
      };
      const partly = account.status === 'partly' ? h('small', { said: this.facts.statuses.partly }) : null;
      const button = h('button.sinks-service', { type: 'button', 'aria-expanded': 'false', 'aria-controls': id, onclick: open },
        h('span.sinks-service-name', null, sinks.name(name), partly,
          known(account.share) ? h('small', null, `${sinks.number(account.share, 1)}%`) : null),
        drawn(account.value, `sinks-group-${group}`, scale),
        h('span.sinks-figure', null, h('b', { said: money.plain(account.value, unit) }), h('small', { said: money.range(account.value, unit) })));
      if (this.trace === key) open();
      return h('div', null, button, room);
    }
    /** Services that are not counted stand with their reason: blank is not zero. */
    _apart(rest) {
      if (!rest.length) return null;
      const { statuses, services, texts } = this.facts;
      return h('div', null, h('h4', { said: word('gep_apart', { n: rest.length }) }), h('dl.sinks-apart', null, ...rest.reduce((all, { k, status, reason }) => all.concat(
        h('dt', null, sinks.name(services[k].name)),
        h('dd', { said: known(reason) ? word('gep_because', { status: statuses[status], reason: texts[reason] }) : statuses[status] })), [])));
    }

    /* ---- what a service is made of ---- */

    _trace(account) {
      const { facts, year, i } = this;
      const { reference, where } = facts.services[account.k];
      const made = facts.traces[year][i].map(asItem).filter(({ k }) => facts.items[k].service === account.k);
      const base = facts.rule_set && facts.rule_set.base_year;
      const about = [];
      if (known(account.reason)) about.push([word('gep_reason'), facts.texts[account.reason]]);
      if (known(account.constant[0])) about.push([word('gep_constant', { year: base || '—' }), ranged(account.constant)]);
      if (reference) about.push([word('gep_reference'), sinks.join([reference].concat(where ? [where] : []), { zh: '，', en: ', ' })]);
      if (!account.verified) about.push([word('gep_checked'), word('gep_unverified')]);
      return h('div.sinks-trace', null, about.length ? rows(about) : null,
        ...(made.length ? made.map((item) => this._item(item)) : [note(word('gep_no_items'))]));
    }
    _item(item) {
      const { items, texts, spreads, grounds, rule_set: rules } = this.facts;
      const { name, unit, formula, method, reference } = items[item.k];
      const price = sinks.both((l) => `${sinks.number(item.price[0], money.fine(item.price))}\u2009${word('gep_yuan')[l]}/${unit[l]}`);
      const amount = sinks.amount(item.quantity[0], money.fine(item.quantity), unit);
      const pairs = [['gep_quantity_range', item.quantity], ['gep_price_range', item.price]].filter(([, row]) => known(row[1]))
        .map(([key, row]) => [word(key), sinks.range(row[1], row[2], money.fine(row))]);
      if (known(item.value[1])) pairs.push([word('gep_value_range'), interval(item.value)]);
      if (known(item.constant[0])) pairs.push([word('gep_constant', { year: rules && rules.base_year ? rules.base_year : '—' }), money.amount(item.constant[0])]);
      if (known(item.gross) && item.gross !== item.value[0]) pairs.push([word('gep_gross'), money.amount(item.gross)]);
      if (formula) pairs.push([word('gep_formula'), formula]);
      if (method || reference) pairs.push([word('gep_method'), sinks.join([method, reference].filter(Boolean), { zh: '，', en: ', ' })]);
      if (item.spread) pairs.push([word('gep_spread'), spreads[item.spread]]);
      if (item.ground) pairs.push([word('gep_rests_on'), grounds[item.ground] || item.ground]);
      if (known(item.sources)) pairs.push([word('gep_sources'), texts[item.sources]]);
      return h('article', null, h('h5', null, sinks.name(name), item.counted ? null : h('span.sinks-badge.sinks-badge-unknown', { said: word('gep_not_counted') })),
        h('p.sinks-product', { said: word('gep_product', { amount, price, value: money.amount(item.value[0]) }) }), rows(pairs));
    }

    /* ---- the change between the first year and the last ---- */

    _change() {
      const found = this.facts.change[this.i];
      if (!found) return null;
      const { years, rule_set: rules, services } = this.facts;
      const span = { first: years[0], last: years[years.length - 1], base: rules && rules.base_year ? rules.base_year : '—' };
      const { all } = found;
      const unit = money.unitOf(all.change.concat(all.constant));
      const kinds = [['gep_change_all', all.change, 'sinks-change-all'], ['gep_by_quantity', all.quantity, 'sinks-change-quantity'],
        ['gep_by_price', all.price, 'sinks-change-price'], ['gep_change_constant', all.constant, 'sinks-change-constant']];
      const scale = scaleOf(kinds.map(([, value]) => ({ value })));
      const bars = kinds.map(([key, value, colour]) => h('div.sinks-service', null,
        h('span.sinks-service-name', { said: word(key, span) }), drawn(value, colour, scale),
        h('span.sinks-figure', null, h('b', { said: money.signed(value, unit) }), h('small', { said: money.range(value, unit) }))));
      return part(word('gep_change', { unit: unit.name, ...span }), h('div.sinks-services', null, ...bars),
        known(all.pct) ? h('p.sinks-ahead', { said: word('gep_change_pct', { pct: sinks.signed(all.pct, 1), ...span }) }) : null,
        note(word('gep_change_note', span)),
        found.services.length ? h('details', null, h('summary', { said: word('gep_change_services') }), h('table.sinks-table.sinks-gases.sinks-account', null,
          h('thead', null, h('tr', null, ...['gep_service', 'gep_by_quantity', 'gep_by_price', 'change'].map((key) => h('th', { scope: 'col', said: word(key) })))),
          h('tbody', null, ...found.services.map(([k, row]) => h('tr', null, h('th', { scope: 'row' }, sinks.name(services[k].name)),
            ...[row.quantity, row.price, row.change].map((value) => h('td', { said: known(value[0]) ? money.signed(value[0], unit) : '—' }))))))) : null);
    }
  }

  /** Towns by the GEP of a hectare: on the map, with a table below. */
  class TownColours {
    constructor(room, facts) {
      Object.assign(this, { room, facts, on: false, body: h('div') });
      this.ids = facts.zones.map(({ kind }, i) => (kind === 'town' ? i : -1)).filter((i) => i >= 0);
      this.button = h('button.sinks-button', { type: 'button', 'aria-pressed': 'false', said: word('gep_towns_colour'), onclick: () => this._set(!this.on) });
      this.year = facts.years[facts.years.length - 1];
    }

    node(year) {
      return this._rows(year).length ? part(word('gep_towns'), this.button, this.body) : null;
    }
    turn(year) {
      this.year = year;
      if (this.on) this._set(true);
    }
    /** Another colouring of the towns takes the place of this one. */
    clear() {
      this.on = false;
      this.button.setAttribute('aria-pressed', 'false');
      this.body.replaceChildren();
    }
    _rows(year) {
      return this.ids.map((i) => ({ zone: this.facts.zones[i], total: this.facts.totals[year][i] }))
        .filter(({ total }) => total && known(total.per_ha)).sort((a, b) => b.total.per_ha - a.total.per_ha);
    }
    _set(on) {
      this.on = on;
      const found = on ? this._rows(this.year) : [];
      const steps = stepsOf(found.map(({ total }) => total.per_ha));
      const colour = ({ total }) => (steps.find(({ to }) => total.per_ha < to) || steps[steps.length - 1]).colour;
      this.button.setAttribute('aria-pressed', on);
      this.body.replaceChildren(...(found.length ? [this._table(found, colour), note(word('gep_towns_note'))] : []));
      const title = word('gep_towns_title', { year: this.year });
      return sinks.colourZones(this.room, this, found.length ? {
        zones: new Map(found.map((row) => [row.zone.id, colour(row)])), title,
        keys: steps.map((step) => ({ colour: step.colour, said: sinks.range(step.from, step.to, 0), count: found.filter((row) => colour(row) === step.colour).length })),
      } : null);
    }
    _table(found, colour) {
      const unit = money.unitOf(found.map(({ total }) => total.gep[0]));
      return h('table.sinks-table.sinks-account', null,
        h('thead', null, h('tr', null, h('th', { scope: 'col', said: word('zone') }), h('th', { scope: 'col', said: word('gep_yuan_ha') }),
          h('th', { scope: 'col', said: word('gep_in', { unit: unit.name }) }))),
        h('tbody', null, ...found.map((row) => h('tr', null,
          h('th', { scope: 'row' }, h('span.sinks-colour', { style: { 'background-color': colour(row) } }), sinks.name(row.zone.name)),
          h('td', null, sinks.number(row.total.per_ha, 0)), h('td', { said: money.plain(row.total.gep[0], unit) })))));
    }
  }

  const { money } = sinks;
  const { known } = money;
  const note = (said) => h('p.sinks-note', { said });
  const part = (title, ...children) => h('section.sinks-part', null, h('h3', { said: title }), ...children.filter(Boolean));
  const rows = (pairs) => h('dl.sinks-rows', null, ...pairs.reduce((all, [what, text]) =>
    all.concat(h('dt', null, sinks.name(what)), h('dd', null, sinks.name(text))), []));
  const ranged = (row) => money.write(row, money.unitOf(row), ([v, low, high], digits, name) => `${sinks.number(v, digits)}\u2009${name} (${sinks.range(low, high, digits)})`);
  const interval = (row) => money.write(row, money.unitOf(row), ([, low, high], digits, name) => `${sinks.range(low, high, digits)}\u2009${name}`);
  const asAccount = ([k, status, reason, v, vl, vh, c, cl, ch, gross, share, verified]) =>
    ({ k, status, reason, value: [v, vl, vh], constant: [c, cl, ch], gross, share, verified });
  const asItem = ([k, q, ql, qh, p, pl, ph, v, vl, vh, c, cl, ch, gross, counted, spread, ground, sources]) =>
    ({ k, quantity: [q, ql, qh], price: [p, pl, ph], value: [v, vl, vh], constant: [c, cl, ch], gross, counted, spread, ground, sources });

  /** Where amounts lie between the least and the largest of all, zero among them. */
  const scaleOf = (accounts) => {
    const all = accounts.reduce((found, { value }) => found.concat(value), []).filter(known);
    const least = Math.min(0, ...all);
    const span = Math.max(0, ...all) - least || 1;
    return (value) => 100 * (value - least) / span;
  };
  /** A bar from zero, losses to the left, with the interval as a line across. */
  const drawn = ([value, low, high], colour, at) => {
    const piece = (name, from, to) => h(`i.${name}`, { style: { left: `${at(Math.min(from, to))}%`, width: `${Math.abs(at(to) - at(from))}%` } });
    return h('span.sinks-flow-track', { 'aria-hidden': 'true' }, piece(colour, 0, value || 0),
      known(low) && known(high) ? piece('sinks-bar-range', low, high) : null, h('i.sinks-flow-zero', { style: { left: `${at(0)}%` } }));
  };
  /** How much of the whole rests on figures that were told, on tables, and on defaults. */
  const resting = (shares, grounds) => {
    if (!shares.some(known)) return null;
    const keys = Object.keys(grounds);
    return h('div.sinks-resting', null, h('span', { said: word('gep_rests') }),
      h('div.sinks-resting-bar', { 'aria-hidden': 'true' }, ...keys.map((key, k) => h(`i.sinks-ground-${key}`, { style: { width: `${Math.max(0, shares[k] || 0)}%` } }))),
      h('div.sinks-keys', null, ...keys.map((key, k) => h('span.sinks-key', null, h(`span.sinks-colour.sinks-ground-${key}`), sinks.name(grounds[key]), h('b', null, `${sinks.number(shares[k], 1)}%`)))));
  };
  /** Steps from the least to the most with ends that are easy to read, as many as colours. */
  const stepsOf = (values) => {
    if (!values.length) return [];
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const rough = (most - least) / (STEPS.length - 1) || Math.abs(most) || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999);
    const start = Math.floor(least / step) * step;
    return STEPS.map((colour, k) => ({ colour, from: start + k * step, to: start + (k + 1) * step }));
  };

  sinks.accountPanel = (map, id) => {
    const room = sinks.of(map);
    const facts = sinks.facts(`${id}_facts`);
    const panel = new AccountPanel(room, facts);
    sinks.dock(room, facts, panel.node());
    return panel;
  };
}());

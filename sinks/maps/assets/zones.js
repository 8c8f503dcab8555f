/* One zone at a time: chosen from a list, shown on the map, with its areas, stocks and
   their change. Every figure comes from the result tables. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;
  const SMALL_HA = 10000; // a zone whose areas are shown with a decimal

  class ZonePanel {
    constructor(room, facts) {
      Object.assign(this, { room, facts });
      const { estimates } = facts;
      this.year = estimates ? Object.keys(estimates.areas).pop() : null;
      this.body = h('div.sinks-zone');
      this.choice = new sinks.ZoneChoice(room, facts, 'sinks-zone', (i) => this.draw(i));
      this.draw(0);
    }

    node() { return h('section', null, this.choice.node(), this.body); }

    draw(i) {
      const { zones, kinds } = this.facts;
      this.body.replaceChildren(...[
        h('h2', null, sinks.name(zones[i].name), h('small', { said: kinds[zones[i].kind] })),
        this._stocks(i), this._areas(i), this._estimates(i), ...this._notes(i)].filter(Boolean));
    }
    _notes(i) {
      const { zones, years, whole } = this.facts;
      const two = years.length > 1;
      const notes = [two ? 'zone_note' : 'zone_note_one'];
      if (this._estimated('areas', this.year, i)) {
        notes.splice(0, 1, 'area_note_sampled', two ? 'stock_note' : 'stock_note_one');
        if (zones[i].id !== whole) notes.splice(1, 0, 'area_note_zone');
      }
      return notes.map((key) => h('p.sinks-note', { said: word(key) }));
    }
    /** What a sample says of a zone, if there is one. */
    _estimated(what, year, i) {
      const { estimates } = this.facts;
      if (!estimates) return null;
      const rows = what === 'change' ? estimates.change : estimates[what][year];
      return rows ? rows[i] : null;
    }

    _stocks(i) {
      const { years, stocks, change } = this.facts;
      const cards = years.filter((year) => stocks[year] && stocks[year][i]).map((year) => card(
        word('stock_of', { year }), (value) => sinks.amount(value, 0, word('tc')),
        stocks[year][i], this._estimated('stocks', year, i)));
      if (change[i]) {
        cards.push(card(word('stock_change'), signedTc, change[i], this._estimated('change', null, i), this._parts(i)));
      }
      return h('div.sinks-cards', null, ...cards);
    }
    /** What the change is made of. */
    _parts(i) {
      const parts = this.facts.change_parts.filter(({ values }) => values[i] !== null);
      return parts.length ? h('dl.sinks-rows', null, ...parts.reduce((all, { name, values }) =>
        all.concat(h('dt', { said: name }), h('dd', null, sinks.signed(values[i], 0))), [])) : null;
    }

    _areas(i) {
      const { years, classes, areas } = this.facts;
      const rows = classes.map((c, k) => ({ c, ha: years.map((year) => areas[year][i][k]) }))
        .filter(({ ha }) => ha.some((value) => value >= 0.05)); // less would read 0.0
      const two = years.length > 1;
      const last = years.length - 1;
      const cells = (ha) => [...ha.map((value) => h('td', null, sinks.number(value, 1))),
        two ? h('td', null, sinks.signed(ha[last] - ha[0], 1)) : null];
      const totals = years.map((year) => areas[year][i].reduce((sum, value) => sum + value, 0));
      return h('table.sinks-table', null,
        h('caption', { said: word('area_table') }),
        h('thead', null, h('tr', null, h('th', { scope: 'col', said: word('class') }),
          ...years.map((year) => h('th', { scope: 'col' }, String(year))),
          two ? h('th', { scope: 'col', said: word('change') }) : null)),
        h('tbody', null, ...rows.map(({ c, ha }) => h('tr', null,
          h('th', { scope: 'row' }, h('span.sinks-colour', { style: { 'background-color': c.colour } }), sinks.name(c.name)),
          ...cells(ha)))),
        h('tfoot', null, h('tr', null, h('th', { scope: 'row', said: word('total') }), ...cells(totals))));
    }
    /** Mapped area and estimate with its interval, class by class, for one year. */
    _estimates(i) {
      const rows = this._estimated('areas', this.year, i);
      if (!rows) return null;
      const { classes, areas } = this.facts;
      const digits = areas[this.year][i].reduce((sum, ha) => sum + ha, 0) < SMALL_HA ? 1 : 0;
      const some = classes.map((c, k) => ({ c, mapped: areas[this.year][i][k], found: rows[k] }))
        .filter(({ mapped, found }) => mapped >= 0.05 || (found && found[0] >= 0.05));
      return h('div.sinks-estimates', null, this._years(i), h('table.sinks-table', null,
        h('caption', { said: word('estimate_table') }),
        h('thead', null, h('tr', null, ...['class', 'mapped', 'estimated', 'range'].map((key) =>
          h('th', { scope: 'col', said: word(key) })))),
        h('tbody', null, ...some.map(({ c, mapped, found }) => h('tr', null,
          h('th', { scope: 'row' }, h('span.sinks-colour', { style: { 'background-color': c.colour } }), sinks.name(c.name)),
          h('td', null, sinks.number(mapped, digits)),
          h('td', null, found ? sinks.number(found[0], digits) : '—'),
          h('td', null, found ? sinks.range(found[1], found[2], digits) : '—'))))));
    }
    _years(i) {
      const years = Object.keys(this.facts.estimates.areas);
      if (years.length < 2) return null;
      return h('div.sinks-pills', { role: 'radiogroup', 'aria-label': word('estimate_year') }, ...years.map((year) =>
        h('label.sinks-pill', null, h('input', {
          type: 'radio', name: 'sinks-estimate-year', checked: year === this.year, 'aria-label': year,
          onchange: () => { this.year = year; this.draw(i); this.body.querySelector('.sinks-pill input:checked').focus(); },
        }), h('span', null, year))));
    }
  }
  const signedTc = (value) => sinks.both((l) => `${sinks.signed(value, 0)}\u2009${word('tc')[l]}`);
  /** A figure with its interval: on mapped areas, and below it on those that a sample estimates. */
  const card = (title, amount, mapped, estimated, more) => {
    const line = (label, [value, low, high]) => [
      h('span', { said: label }), h('b', { said: amount(value) }),
      h('small', { said: word('interval', { range: sinks.range(low, high, 0) }) })];
    return estimated
      ? h('div.sinks-card', null, h('strong', { said: title }), ...line(word('by_mapped'), mapped), more, ...line(word('by_estimated'), estimated))
      : h('div.sinks-card', null, ...line(title, mapped), more);
  };

  sinks.zonePanel = (map, id) => {
    const room = sinks.of(map);
    const facts = sinks.facts(`${id}_facts`);
    const panel = new ZonePanel(room, facts);
    sinks.dock(room, facts, panel.node());
    return panel;
  };
}());

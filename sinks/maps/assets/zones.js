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
      this.select = h('select', { id: 'sinks-zone', onchange: () => this.choose(Number(this.select.value)) });
      this.body = h('div.sinks-zone');
      this._options();
      this.draw(0);
    }

    node() {
      return h('section', null,
        h('label.sinks-field', { for: 'sinks-zone' }, h('span', { said: word('choose_zone') }), this.select),
        this.body);
    }

    _options() {
      const groups = new Map();
      this.facts.zones.forEach((zone, i) => {
        if (!groups.has(zone.kind)) groups.set(zone.kind, h('optgroup', { label: this.facts.kinds[zone.kind] }));
        groups.get(zone.kind).append(h('option', { value: i, said: zone.name }));
      });
      this.select.append(...groups.values());
    }

    choose(i) {
      this.select.value = i;
      this.draw(i);
      const { bounds_deg: bounds } = this.facts.zones[i];
      if (!bounds) return;
      const [west, south, east, north] = bounds;
      this.room.map.closePopup();
      this.room.map.fitBounds([[south, west], [north, east]], { padding: [32, 32], maxZoom: 16 });
      this._outline(i);
    }
    async _outline(i) {
      const { id } = this.facts.zones[i];
      if (this.outline) this.outline.remove();
      const layers = this.room.overlays.filter((layer) => layer.facts.zone_ids);
      const layer = layers.find((each) => each.facts.zone_ids.includes(id));
      if (!layer) return;
      await layer.ready;
      const rings = layer.shapes.rings(layer.facts.zone_ids.indexOf(id));
      const { map } = this.room;
      if (!map.getPane('sinksOutline')) map.createPane('sinksOutline').style.zIndex = 415;
      const line = (color, weight) => L.polyline(rings.map((ring) => ring.concat(ring.slice(0, 1))),
        { color, weight, pane: 'sinksOutline', interactive: false, lineJoin: 'round' });
      this.outline = L.layerGroup([line('#1c2430', 6), line('#ffbf47', 3)]).addTo(map);
    }

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

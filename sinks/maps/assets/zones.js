/* One zone at a time: chosen from a list, shown on the map, with its areas, stocks and
   their change. Every figure comes from the result tables. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;

  class ZonePanel {
    constructor(room, facts) {
      Object.assign(this, { room, facts });
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
      const { zones, kinds, years } = this.facts;
      this.body.replaceChildren(
        h('h2', null, sinks.name(zones[i].name), h('small', { said: kinds[zones[i].kind] })),
        this._stocks(i), this._areas(i),
        h('p.sinks-note', { said: word(years.length > 1 ? 'zone_note' : 'zone_note_one') }));
    }

    _stocks(i) {
      const { years, stocks, change } = this.facts;
      const cards = years.filter((year) => stocks[year] && stocks[year][i]).map((year) => {
        const [stock, low, high] = stocks[year][i];
        return card(word('stock_of', { year }), sinks.amount(stock, 0, word('tc')), sinks.range(low, high, 0));
      });
      if (change[i]) {
        const [value, low, high] = change[i];
        cards.push(card(word('stock_change'), signedTc(value), sinks.range(low, high, 0), this._parts(i)));
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
  }
  const signedTc = (value) => sinks.both((l) => `${sinks.signed(value, 0)}\u2009${word('tc')[l]}`);
  const card = (title, value, range, more) => h('div.sinks-card', null,
    h('span', { said: title }), h('b', { said: value }), h('small', { said: word('interval', { range }) }), more);

  sinks.zonePanel = (map, id) => {
    const room = sinks.of(map);
    const facts = sinks.facts(`${id}_facts`);
    const panel = new ZonePanel(room, facts);
    sinks.dock(room, facts, panel.node());
    return panel;
  };
}());

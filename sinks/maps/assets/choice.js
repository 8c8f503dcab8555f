/* The choice of a zone from a list: the map goes there, and every panel that shows zones
   follows. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const { h, word } = sinks;

  class ZoneChoice {
    constructor(room, facts, id, draw) {
      Object.assign(this, { room, facts, draw });
      this.select = h('select', { id, onchange: () => this.choose(Number(this.select.value)) });
      this._options();
      room.on('zone', (event) => this._follow(event.zone));
    }

    node() {
      return h('label.sinks-field', { for: this.select.id }, h('span', { said: word('choose_zone') }), this.select);
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
      const { id, bounds_deg: bounds } = this.facts.zones[i];
      this.room.fire('zone', { zone: id });
      if (!bounds) return;
      const [west, south, east, north] = bounds;
      this.room.map.closePopup();
      this.room.map.fitBounds([[south, west], [north, east]], { padding: [32, 32], maxZoom: 16 });
      outline(this.room, id);
    }
    _follow(id) {
      const i = this.facts.zones.findIndex((zone) => zone.id === id);
      if (i < 0) return;
      this.select.value = i;
      this.draw(i);
    }
  }

  /** Draw the boundary of the zone chosen last, above all layers. */
  const outline = async (room, id) => {
    if (room.outline) room.outline.remove();
    room.outlined = id;
    const layers = room.overlays.filter((layer) => layer.facts.zone_ids);
    const layer = layers.find((each) => each.facts.zone_ids.includes(id));
    if (!layer) return;
    await layer.ready;
    if (room.outlined !== id) return; // another was chosen meanwhile
    const rings = layer.shapes.rings(layer.facts.zone_ids.indexOf(id));
    const { map } = room;
    if (!map.getPane('sinksOutline')) map.createPane('sinksOutline').style.zIndex = 415;
    const line = (color, weight) => L.polyline(rings.map((ring) => ring.concat(ring.slice(0, 1))),
      { color, weight, pane: 'sinksOutline', interactive: false, lineJoin: 'round' });
    room.outline = L.layerGroup([line('#1c2430', 6), line('#ffbf47', 3)]).addTo(map);
  };

  sinks.ZoneChoice = ZoneChoice;
}());

/* Names written on the map: one per feature, where the feature is large enough to carry it
   and no name before it stands in the way. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const GAP = 3; // pixels between two names

  const marker = (name, at, kind) => {
    const node = sinks.h('span.sinks-label', null, sinks.name(name));
    node.classList.add(`sinks-label-${kind}`);
    const icon = L.divIcon({ html: node, className: 'sinks-label-place', iconSize: [0, 0] });
    return L.marker(at, { icon, pane: 'sinksLabels', interactive: false, keyboard: false });
  };

  sinks.labels = (layer) => {
    const { map } = layer.room;
    if (!map.getPane('sinksLabels')) map.createPane('sinksLabels').style.zIndex = 420;
    const { labels, names, label_kind: kind } = layer.facts;
    const markers = names.map((name, i) => (labels[i] ? marker(name, labels[i], kind) : null));
    const group = L.layerGroup(markers.filter(Boolean));
    const arrange = () => layer.ready.then(() => map.hasLayer(group) && choose(layer, markers));
    layer.on('add', () => { group.addTo(map); arrange(); });
    layer.on('remove', () => group.remove());
    map.on('zoomend moveend', arrange);
    layer.room.on('language', arrange);
  };

  /** Show the names that fit their features and do not touch others, of any layer. */
  const choose = (layer, markers) => {
    const { map } = layer.room;
    const taken = [];
    map.getPane('sinksLabels').querySelectorAll('.sinks-label').forEach((node) => {
      if (!node.hidden && !markers.some((m) => m && m.getElement() && m.getElement().contains(node))) {
        taken.push(node.getBoundingClientRect());
      }
    });
    markers.forEach((each, feature) => {
      const node = each && each.getElement() && each.getElement().firstChild;
      if (!node) return;
      node.hidden = false;
      const box = node.getBoundingClientRect();
      const bounds = layer.shapes.bounds(feature);
      const room = map.latLngToLayerPoint(bounds.getNorthEast()).x - map.latLngToLayerPoint(bounds.getSouthWest()).x;
      const free = taken.every((t) => box.right + GAP < t.left || box.left > t.right + GAP
        || box.bottom + GAP < t.top || box.top > t.bottom + GAP);
      node.hidden = !(free && box.width < room * 1.15);
      if (!node.hidden) taken.push(box);
    });
  };
}());

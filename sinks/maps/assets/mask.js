/* Marked pixels as a layer above the raster: a veil with a hatch, which says "look, but do
   not trust" and lets the colours below be read. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const FINER = 2; // levels: sampled from finer pixels, as an overview would lose single ones
  const PERIOD = 7; // CSS pixels from one line of the hatch to the next
  const LINE = 1.6;
  const [INK, VEIL] = [[28, 36, 48, 230], [255, 255, 255, 150]]
    .map(([r, g, b, a]) => (a << 24 | b << 16 | g << 8 | r) >>> 0);

  const MaskLayer = sinks.View.extend({
    options: { pane: 'sinksShapes', className: 'sinks-mask' },
    initialize(room, facts, text) {
      Object.assign(this, { room, facts, ready: Promise.resolve() });
      this.pixels = new sinks.Pixels(facts, text);
      L.setOptions(this, { order: -room.overlays.push(this) }); // below all shapes
    },
    async find(latlng) {
      const marked = await this.pixels.codeAt(...sinks.mercator(latlng));
      return marked ? [{ layer: this, feature: 0, name: this.facts.says }] : [];
    },
    async paint(view, current) {
      const prepared = await this.pixels.prepare(view, FINER);
      if (!current()) return false;
      const codes = this.pixels.codes(view, prepared, 0.5, 0.5);
      const colours = new Uint32Array(codes.length);
      const period = Math.round(PERIOD * view.scale);
      // counted from a corner of the world, so that the hatch stays where it is on the ground
      const start = Math.round(view.left / view.step) - Math.round(view.top / view.step);
      for (let i = 0; i < codes.length; i++) {
        if (!codes[i]) continue;
        const along = start + i % view.width + Math.floor(i / view.width);
        const off = (along % period + period) % period;
        colours[i] = off < LINE * view.scale ? INK : VEIL;
      }
      const image = new ImageData(new Uint8ClampedArray(colours.buffer), view.width, view.height);
      view.canvas.getContext('2d').putImageData(image, 0, 0);
      return true;
    },
  });

  sinks.maskLayer = (map, id) => {
    if (!map.getPane('sinksShapes')) map.createPane('sinksShapes').style.zIndex = 410;
    const layer = new MaskLayer(sinks.of(map), sinks.facts(`${id}_facts`), sinks.takeText(`${id}_blocks`));
    layer.room.fire('layers');
    return layer;
  };
}());

/* Chips: planes of bytes put together to the view that is asked for, enlarged pixel by pixel,
   with the sample's pixel outlined on its outer side so that nothing of it is covered. */
(function () {
  'use strict';
  const sinks = window.sinks;
  const h = sinks.h;
  const KEPT = 12; // chips held unpacked
  const RADII = [5, 10, 15, 20, 30, 50, 100, 150, 200, 300, 500, 1000, 1500, 2000, 3000, 5000, 10000];

  class ChipSet {
    constructor(facts, texts) {
      Object.assign(this, { facts, texts, unpacked: new Map() });
      this.radius = RADII.filter((m) => m / facts.metres_per_px <= facts.size * 0.42).pop() || RADII[0];
      this.canvas = h('canvas', { role: 'img' });
      this.missing = h('p.lab-missing', { said: sinks.word('no_image_here') });
      this.node = h('div.lab-chip', null, this.canvas, this.missing);
    }

    /** The planes of a chip, or nothing. */
    planes(index) {
      if (!this.texts[index]) return Promise.resolve(null);
      if (!this.unpacked.has(index)) {
        if (this.unpacked.size >= KEPT) this.unpacked.delete(this.unpacked.keys().next().value);
        this.unpacked.set(index, sinks.inflate(this.texts[index]).then((steps) => this._summed(steps)));
      }
      return this.unpacked.get(index);
    }
    _summed(bytes) {
      for (let i = 0; i < bytes.length; i++) if (i % this.facts.size) bytes[i] += bytes[i - 1];
      return bytes;
    }

    async show(index, view, width) {
      this.shown = index;
      const planes = await this.planes(index);
      if (this.shown !== index) return;
      this.canvas.hidden = !planes;
      this.missing.hidden = Boolean(planes);
      this.node.style.setProperty('width', `${width}px`);
      this.node.style.setProperty('height', `${width}px`);
      if (planes) this._draw(index, planes, this.facts.views[view] || this.facts.views.natural, width);
    }

    _draw(index, planes, view, width) {
      const { size } = this.facts;
      const ratio = window.devicePixelRatio || 1;
      const zoom = Math.max(1, Math.round((width * ratio) / size));
      this.canvas.width = this.canvas.height = size * zoom;
      const context = this.canvas.getContext('2d');
      context.imageSmoothingEnabled = false;
      context.fillStyle = hatching(context, ratio);
      context.fillRect(0, 0, size * zoom, size * zoom);
      context.drawImage(picture(planes, view, size), 0, 0, size * zoom, size * zoom);
      const outline = this.facts.outlines[index];
      const middle = [0, 1].map((axis) => [0, 2, 4, 6].reduce((sum, i) => sum + outline[i + axis], 0) / 4);
      const at = (x, y) => [x * zoom, y * zoom];
      this._ring(context, at(...middle), (this.radius / this.facts.metres_per_px) * zoom, ratio);
      this._outline(context, outline, middle, zoom, ratio);
    }
    _ring(context, [x, y], radius, ratio) {
      [['rgba(0,0,0,.55)', 3], ['#ffffff', 1.2]].forEach(([colour, width]) => {
        context.setLineDash([6 * ratio, 6 * ratio]);
        stroke(context, colour, width * ratio, () => context.arc(x, y, radius, 0, 2 * Math.PI));
      });
      context.setLineDash([]);
    }
    _outline(context, corners, middle, zoom, ratio) {
      const half = (Math.abs(corners[2] - corners[0]) * zoom) / 2;
      [['#000000', 5, 2.5], ['#ffe100', 2.4, 1.2]].forEach(([colour, width, out]) => {
        const grow = (half + out * ratio) / half;
        stroke(context, colour, width * ratio, () => {
          for (let i = 0; i < 8; i += 2) {
            const point = [0, 1].map((axis) => (middle[axis] + (corners[i + axis] - middle[axis]) * grow) * zoom);
            if (i) context.lineTo(...point);
            else context.moveTo(...point);
          }
          context.closePath();
        });
      });
    }
  }

  const stroke = (context, colour, width, path) => {
    Object.assign(context, { strokeStyle: colour, lineWidth: width, lineJoin: 'miter' });
    context.beginPath();
    path();
    context.stroke();
  };

  const sheet = document.createElement('canvas');
  /** A view as a canvas of one pixel per pixel; clear where a band has no data. */
  const picture = (planes, view, size) => {
    sheet.width = sheet.height = size;
    const context = sheet.getContext('2d');
    const image = context.createImageData(size, size);
    const pixels = size * size;
    for (let i = 0; i < pixels; i++) {
      const shades = view.map((plane) => planes[plane * pixels + i]);
      if (shades.every((shade) => shade)) {
        shades.forEach((shade, channel) => { image.data[4 * i + channel] = shade; });
        image.data[4 * i + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
    return sheet;
  };

  const hatching = (context, ratio) => {
    const side = Math.round(10 * ratio);
    const tile = document.createElement('canvas');
    tile.width = tile.height = side;
    const on = tile.getContext('2d');
    on.fillStyle = '#d9dde2';
    on.fillRect(0, 0, side, side);
    on.strokeStyle = '#6b7480';
    on.lineWidth = 1.5 * ratio;
    on.beginPath();
    [-side, 0, side].forEach((x) => { on.moveTo(x - 1, side + 1); on.lineTo(x + side + 1, -1); });
    on.stroke();
    return context.createPattern(tile, 'repeat');
  };

  sinks.ChipSet = ChipSet;
}());

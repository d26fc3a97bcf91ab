import { cosine, sine } from './arithmetic.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** How a finger was put on the plate and how the plate then bent its skin. Pixels at 500 dpi, y down, radians. */
export interface Placement {
  /** Point of the finger that was aimed at `plate`, the point of the plate. */
  readonly finger: Point;
  readonly plate: Point;
  /** Turn of the finger on the plate, clockwise as seen. */
  readonly rotation: number;
  readonly distortion: Distortion;
}

/**
 * Cappelli, Maio and Maltoni's three zones (2001): an inner ellipse held still by pressure, an outer region that slides
 * as one, and an elastic ring between.
 */
export interface Distortion {
  readonly centre: Point;
  /** Half axes of the inner ellipse. */
  readonly innerX: number;
  readonly innerY: number;
  /** Width of the elastic ring as a part of the inner ellipse. */
  readonly ring: number;
  /** What the outer region does: a shift and a turn about the centre. */
  readonly shift: Point;
  readonly turn: number;
}

/** The exact relation between an impression's points and the finger's. */
export class Deformation {
  readonly #placement: Placement;
  readonly #cos: number;
  readonly #sin: number;
  readonly #turnCos: number;
  readonly #turnSin: number;

  constructor(placement: Placement) {
    this.#placement = placement;
    this.#cos = cosine(placement.rotation);
    this.#sin = sine(placement.rotation);
    this.#turnCos = cosine(placement.distortion.turn) - 1;
    this.#turnSin = sine(placement.distortion.turn);
  }

  /** The point of the finger that lies on a point of the plate. */
  toFinger(x: number, y: number): Point {
    const { finger, plate } = this.#placement;
    const dx = x - plate.x;
    const dy = y - plate.y;
    const ux = finger.x + this.#cos * dx + this.#sin * dy;
    const uy = finger.y - this.#sin * dx + this.#cos * dy;
    const slip = this.#slip(ux, uy);
    return { x: ux + slip.x, y: uy + slip.y };
  }

  /** The point of the plate on which a point of the finger lies: the inverse of `toFinger` to 0.001 px. */
  toPlate(x: number, y: number): Point {
    let ux = x;
    let uy = y;
    for (let step = 0; step < 60; step++) {
      const slip = this.#slip(ux, uy);
      const ex = x - slip.x - ux;
      const ey = y - slip.y - uy;
      ux += ex;
      uy += ey;
      if (ex * ex + ey * ey < 1e-8) break;
    }
    const { finger, plate } = this.#placement;
    const dx = ux - finger.x;
    const dy = uy - finger.y;
    return { x: plate.x + this.#cos * dx - this.#sin * dy, y: plate.y + this.#sin * dx + this.#cos * dy };
  }

  #slip(x: number, y: number): Point {
    const { centre, innerX, innerY, ring, shift } = this.#placement.distortion;
    const dx = x - centre.x;
    const dy = y - centre.y;
    const distance = Math.sqrt((dx / innerX) * (dx / innerX) + (dy / innerY) * (dy / innerY)) - 1;
    if (distance <= 0) return { x: 0, y: 0 };
    const brake = distance >= ring ? 1 : 0.5 - 0.5 * cosine((Math.PI * distance) / ring);
    return {
      x: brake * (this.#turnCos * dx - this.#turnSin * dy + shift.x),
      y: brake * (this.#turnSin * dx + this.#turnCos * dy + shift.y),
    };
  }
}

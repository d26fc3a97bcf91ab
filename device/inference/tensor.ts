import { InferenceError } from './errors.ts';

/** What goes into a model and comes out of it: 32-bit floats, the last dimension running fastest. */
export interface Tensor {
  readonly shape: readonly number[];
  /** As many values as the shape says. */
  readonly data: Float32Array;
}

/** By the name that the model gives them. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A shape as a model declares it: a name stands for a length that each run decides, the same wherever it recurs. */
export type DeclaredShape = readonly (number | string)[];

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/**
 * Whether these are what a model takes: every input, nothing else, in shapes that fit.
 * @throws InferenceError `inference.bad-input`
 */
export function checkFeeds(model: string, inputs: Readonly<Record<string, DeclaredShape>>, feeds: Tensors): void {
  const refuse = (what: string): never => {
    throw new InferenceError('inference.bad-input', `${model}: ${what}`);
  };
  for (const name of Object.keys(feeds)) if (!Object.hasOwn(inputs, name)) refuse(`it has no input "${name}"`);
  const sides = new Map<string, number>();
  for (const [name, declared] of Object.entries(inputs)) {
    if (!Object.hasOwn(feeds, name)) refuse(`the input "${name}" is missing`);
    const { shape, data } = feeds[name];
    const fits =
      shape.length === declared.length &&
      shape.every((side, axis) => {
        const wanted = declared[axis];
        if (typeof wanted === 'number') return side === wanted;
        if (!sides.has(wanted)) sides.set(wanted, side);
        return Number.isInteger(side) && side > 0 && sides.get(wanted) === side;
      });
    if (!fits) refuse(`"${name}" is [${shape.join()}], not [${declared.join()}]`);
    if (data.length !== sizeOf(shape)) refuse(`"${name}" has ${data.length} values, not ${sizeOf(shape)}`);
  }
}

/** A gray value at a place. */
export interface Sample {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

const TERMS = 6;

/**
 * The smooth surface of second order that comes nearest to the samples (least squares), at every pixel.
 *
 * @param samples six at least, not all on one line
 */
export function fitSurface(samples: readonly Sample[], width: number, height: number): Float32Array {
  const terms = (x: number, y: number): number[] => {
    const [u, v] = [(2 * x) / width - 1, (2 * y) / height - 1];
    return [1, u, v, u * u, u * v, v * v];
  };
  const system = Array.from({ length: TERMS }, () => new Float64Array(TERMS + 1));
  for (const { x, y, value } of samples) {
    const row = terms(x, y);
    for (let i = 0; i < TERMS; i++) {
      for (let j = 0; j < TERMS; j++) system[i][j] += row[i] * row[j];
      system[i][TERMS] += row[i] * value;
    }
  }
  // A little weight against bending where few samples lie.
  for (let i = 1; i < TERMS; i++) system[i][i] += 1e-3 * samples.length;
  const coefficients = solve(system);
  return Float32Array.from({ length: width * height }, (_, at) =>
    terms(at % width, Math.floor(at / width)).reduce((sum, term, i) => sum + term * coefficients[i], 0),
  );
}

/** Gauss and Jordan with pivots. */
function solve(system: Float64Array[]): number[] {
  for (let column = 0; column < TERMS; column++) {
    let pivot = column;
    for (let row = column + 1; row < TERMS; row++)
      if (Math.abs(system[row][column]) > Math.abs(system[pivot][column])) pivot = row;
    [system[column], system[pivot]] = [system[pivot], system[column]];
    for (let row = 0; row < TERMS; row++) {
      if (row === column) continue;
      const factor = system[row][column] / system[column][column];
      for (let j = column; j <= TERMS; j++) system[row][j] -= factor * system[column][j];
    }
  }
  return system.map((row, i) => row[TERMS] / row[i]);
}

/** Element types as NumPy writes them, little-endian. */
type NpyType = '|u1' | '<i4' | '<f4';

/** An array as a `.npy` file, version 1.0, C order: NumPy and PyTorch map it into memory as it is. */
export function npy(type: NpyType, shape: readonly number[], data: Uint8Array | Int32Array | Float32Array): Uint8Array {
  const size = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${size}), }`;
  const length = Math.ceil((10 + header.length + 1) / 64) * 64;
  const file = new Uint8Array(length + data.byteLength);
  file.set([0x93, ...Buffer.from('NUMPY', 'latin1'), 1, 0]);
  new DataView(file.buffer).setUint16(8, length - 10, true);
  file.set(Buffer.from(`${header.padEnd(length - 11)}\n`, 'latin1'), 10);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return file;
}

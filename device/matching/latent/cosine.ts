/** The cosine of two latents of one length; 0 where one of them is nothing but zeros. */
export function cosineOf(a: Int8Array, b: Int8Array): number {
  let [product, ofA, ofB] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    product += a[k] * b[k];
    ofA += a[k] * a[k];
    ofB += b[k] * b[k];
  }
  return product === 0 ? 0 : product / Math.sqrt(ofA * ofB);
}

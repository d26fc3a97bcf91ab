import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LatentScan } from '../../device/matching/latent/latent-scan.ts';
import { quantizeLatent } from '../../device/matching/latent/quantize.ts';

const LENGTH = 64;
const latents = fc.int8Array({ minLength: LENGTH, maxLength: LENGTH });

function cosine(one: Int8Array, other: Int8Array): number {
  const dot = (a: Int8Array, b: Int8Array): number => a.reduce((sum, value, at) => sum + value * b[at], 0);
  const norms = Math.sqrt(dot(one, one) * dot(other, other));
  return norms === 0 ? 0 : dot(one, other) / norms;
}

function near(one: number, other: number): void {
  assert.ok(Math.abs(one - other) < 1e-5, `${one} is not ${other}`);
}

describe('the scan of latents', () => {
  it('gives the cosine with each, as a plain loop does, also of the largest values', () => {
    fc.assert(
      fc.property(fc.array(latents, { minLength: 1, maxLength: 300 }), latents, (enrolled, probe) => {
        const scan = new LatentScan(LENGTH);
        enrolled.forEach((latent, k) => {
          scan.add(`t${k}`, 'p', latent);
        });
        scan.cosines(probe).forEach((value, k) => {
          near(value, cosine(probe, enrolled[k]));
        });
      }),
      { numRuns: 30 },
    );
    const extreme = new Int8Array(256).fill(-128);
    const scan = new LatentScan(256);
    scan.add('t', 'p', extreme);
    near(scan.cosines(extreme)[0], 1);
  });

  it('follows a gallery that changes', () => {
    const change = fc.record({ touch: fc.integer({ min: 0, max: 40 }), latent: latents });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 200 }), latents, (changes, probe) => {
        const scan = new LatentScan(LENGTH);
        const enrolled = new Map<string, Int8Array>();
        for (const { touch, latent } of changes) {
          const id = String(touch);
          if (enrolled.delete(id)) scan.remove(id);
          else {
            enrolled.set(id, latent);
            scan.add(id, `p${touch % 7}`, latent);
          }
        }
        assert.equal(scan.size, enrolled.size);
        const best = new Map<string, number>();
        for (const [id, latent] of enrolled) {
          const person = `p${Number(id) % 7}`;
          best.set(person, Math.max(best.get(person) ?? -Infinity, cosine(probe, latent)));
        }
        const wanted = [...best].sort(([, a], [, b]) => b - a);
        const found = scan.nearest(probe, 3);
        assert.equal(found.length, Math.min(3, wanted.length));
        found.forEach(({ person, score }, k) => {
          near(score, wanted[k][1]);
          near(score, best.get(person) ?? NaN);
        });
      }),
      { numRuns: 50 },
    );
  });

  it('refuses lengths that its kernel cannot take, and latents of another length', () => {
    for (const length of [0, 48, -32, 33.5]) assert.throws(() => new LatentScan(length), { code: 'latent.bad-length' });
    const scan = new LatentScan(64);
    assert.throws(
      () => {
        scan.add('t', 'p', new Int8Array(32));
      },
      { code: 'latent.bad-length' },
    );
    assert.throws(() => scan.cosines(new Int8Array(128)), { code: 'latent.bad-length' });
    assert.equal(scan.size, 0);
  });

  it('quantizes to steps of a 127th and stays within a byte', () => {
    assert.deepEqual(quantizeLatent(Float32Array.of(-1, 1, 0, 0.5, -2, 7)), Int8Array.of(-127, 127, 0, 64, -127, 127));
  });
});

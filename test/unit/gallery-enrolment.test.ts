import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TouchTemplate } from '../../device/gallery/template-codec.ts';
import { artificialComparison as comparison, artificialTouch } from '../support/artificial-touch.ts';
import { coded, emptyGallery, enrolArtificial, enrolled } from '../support/gallery.ts';

const touchesOf = (...names: string[]): TouchTemplate[] => names.map((name, i) => artificialTouch(name, i));

test('several fingers of several people', (context) => {
  const { gallery } = emptyGallery(context);
  const [a, b] = ['A', 'B'].map((name) => gallery.addPerson({ name }));
  enrolled(enrolArtificial(gallery, a.id, 'a index', 'right-index'));
  enrolled(enrolArtificial(gallery, a.id, 'a thumb', 'left-thumb'));
  enrolled(enrolArtificial(gallery, b.id, 'b index', 'right-index'));
  assert.deepEqual(
    gallery.contents().people.map(({ name, fingers }) => [name, fingers.map(({ position }) => position)]),
    [
      ['A', ['right-index', 'left-thumb']],
      ['B', ['right-index']],
    ],
  );
});

test('every touch that should be taken again is named with its reason, and nothing is stored', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const touches = [
    artificialTouch('a', 0),
    { ...artificialTouch('a', 1), quality: 3 },
    artificialTouch('a', 2, 11),
    artificialTouch('a', 3),
    artificialTouch('somebody else', 4),
  ];
  const revision = gallery.revision;
  assert.deepEqual(gallery.enrol({ person: id, position: 'right-index', touches, comparison }), {
    kind: 'retry',
    problems: [
      { reason: 'low-quality', touch: 1, measured: 3, required: 20 },
      { reason: 'few-minutiae', touch: 2, measured: 11, required: 12 },
      { reason: 'unlike-the-others', touch: 4, measured: 0, required: 12 },
    ],
  });
  assert.equal(gallery.revision, revision);
  assert.deepEqual(gallery.person(id).fingers, []);
});

test('too few touches', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  for (const touches of [[], touchesOf('a'), touchesOf('a', 'a')]) {
    const result = gallery.enrol({ person: id, position: 'right-index', touches, comparison });
    assert.deepEqual(result, {
      kind: 'retry',
      problems: [{ reason: 'too-few-touches', measured: touches.length, required: 3 }],
    });
  }
});

test('two fingers mixed half and half are noticed', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const touches = touchesOf('a', 'b', 'a', 'b', 'b');
  const result = gallery.enrol({ person: id, position: 'right-index', touches, comparison });
  assert.equal(result.kind, 'retry');
  assert.deepEqual(
    result.problems.map((problem) => problem.reason === 'unlike-the-others' && problem.touch),
    [0, 2],
  );
});

test('touches that overlap only by way of others belong together', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const touches = touchesOf('a', 'a', 'a', 'a');
  const place = new Map(touches.map((touch, i) => [touch, i]));
  // 0 is like 3, 3 like 1, 1 like 2, and no others.
  const chain = new Set(['0 3', '1 3', '1 2']);
  const score = (a: TouchTemplate, b: TouchTemplate): number =>
    chain.has([place.get(a), place.get(b)].toSorted().join(' ')) ? 50 : 0;
  const request = { person: id, position: 'right-index', touches, comparison: { ...comparison, score } } as const;
  assert.equal(gallery.enrol(request).kind, 'enrolled');
});

test('a score that is no number counts as unlike', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const result = gallery.enrol({
    person: id,
    position: 'right-index',
    touches: touchesOf('a', 'a', 'a'),
    comparison: { ...comparison, score: () => NaN },
  });
  assert.equal(result.kind, 'retry');
});

test('a finger that is enrolled already is found, whoever and wherever', (context) => {
  const { gallery } = emptyGallery(context);
  const [a, b] = ['A', 'B'].map((name) => gallery.addPerson({ name }));
  const finger = enrolled(enrolArtificial(gallery, a.id, 'the finger', 'right-index'));
  for (const [person, position] of [
    [b.id, 'right-index'],
    [a.id, 'left-index'],
  ] as const) {
    const result = enrolArtificial(gallery, person, 'the finger', position);
    assert.equal(result.kind, 'duplicate');
    assert.deepEqual([result.person.id, result.finger.id, result.score], [a.id, finger.id, 45]);
  }
  assert.equal(gallery.contents().people.flatMap(({ fingers }) => fingers).length, 1);
});

test('a finger enrolled by another process while this one compares is found', (context) => {
  const { gallery, reopen } = emptyGallery(context);
  const [a, b] = ['A', 'B'].map((name) => gallery.addPerson({ name }));
  enrolArtificial(gallery, a.id, 'some other', 'left-thumb');
  const mine = reopen();
  let raced = false;
  const score: typeof comparison.score = (probe, reference) => {
    const isEnrolled = reference !== touches[1] && reference !== touches[2];
    if (isEnrolled && !raced) {
      raced = true;
      enrolled(enrolArtificial(mine, a.id, 'the finger', 'right-index'));
    }
    return comparison.score(probe, reference);
  };
  const touches = touchesOf('the finger', 'the finger', 'the finger');
  const result = mine.enrol({ person: b.id, position: 'right-index', touches, comparison: { ...comparison, score } });
  assert.ok(raced);
  assert.equal(result.kind, 'duplicate');
});

test('an enrolled finger is replaced only on purpose, and then wholly', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const old = enrolled(enrolArtificial(gallery, id, 'the finger'));
  assert.equal(enrolArtificial(gallery, id, 'another finger').kind, 'already-enrolled');
  const touches = [5, 6, 7, 8].map((touch) => artificialTouch('the finger', touch));
  const result = gallery.enrol({ person: id, position: 'right-index', touches, comparison, replace: true });
  const fresh = enrolled(result);
  assert.deepEqual(gallery.person(id).fingers, [fresh]);
  assert.equal(fresh.templates.length, 4);
  assert.deepEqual(
    gallery.tombstones().map(({ kind, id: erased }) => [kind, erased]),
    [['finger', old.id]],
  );
});

test('fingers of unknown position do not stand in each other’s way', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  enrolled(enrolArtificial(gallery, id, 'one', 'unknown'));
  enrolled(enrolArtificial(gallery, id, 'two', 'unknown'));
  assert.equal(gallery.person(id).fingers.length, 2);
});

test('somebody new is added with their first finger, or not at all', (context) => {
  const { gallery } = emptyGallery(context);
  const newcomer = { name: 'Zoë', externalId: '7' };
  const enrol = (...names: string[]) =>
    gallery.enrol({ person: newcomer, position: 'right-index', touches: touchesOf(...names), comparison });
  assert.equal(enrol('z', 'z', 'other').kind, 'retry');
  assert.deepEqual(gallery.contents().people, []);
  const result = enrol('z', 'z', 'z');
  assert.equal(result.kind, 'enrolled');
  assert.deepEqual(gallery.contents().people, [result.person]);
  assert.deepEqual(
    [result.person.name, result.person.externalId, result.person.fingers],
    ['Zoë', '7', [result.finger]],
  );
  assert.equal(enrol('z', 'z', 'z').kind, 'duplicate');
  assert.throws(() => enrol('y', 'y', 'y'), coded('gallery.invalid-person'));
  assert.equal(gallery.contents().people.length, 1);
});

test('a touch that cannot be stored takes the whole enrolment with it', (context) => {
  const { gallery } = emptyGallery(context);
  const { id } = gallery.addPerson({ name: 'A' });
  const touches = touchesOf('a', 'a', 'a');
  touches[2] = { ...touches[2], latent: { model: 'nonsense', values: new Int8Array(1) } };
  assert.throws(
    () => gallery.enrol({ person: id, position: 'right-index', touches, comparison }),
    coded('gallery.template-invalid'),
  );
  assert.deepEqual(gallery.person(id).fingers, []);
});

test('people: names are checked, external ids are unique, names need not be', (context) => {
  const { gallery } = emptyGallery(context);
  for (const name of ['', '   ', 'a\nb', 'x'.repeat(201)])
    assert.throws(() => gallery.addPerson({ name }), coded('gallery.invalid-person'));
  assert.equal(gallery.addPerson({ name: '  Zoë Müller-Ōtsuka ' }).name, 'Zoë Müller-Ōtsuka');
  gallery.addPerson({ name: 'A', externalId: '7' });
  assert.throws(() => gallery.addPerson({ name: 'B', externalId: '7' }), coded('gallery.invalid-person'));
  gallery.addPerson({ name: 'A', externalId: '8' });
  assert.equal(gallery.contents().people.length, 3);
  assert.throws(() => enrolArtificial(gallery, 'nobody', 'x'), coded('gallery.unknown-person'));
});

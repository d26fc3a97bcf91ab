// The walls of the house: which room may import which (see README, architecture).
const device = (...rooms) => `^device/(${rooms.join('|')})/`;
// Beside its own files a room may always use the shared foundations: errors, the clock's type, files that outlive a power
// cut, the kernel loader, the steps of a database, locks between processes, files that arrive
// together.
const foundations = '^device/(errors|clock|durable-file|wasm|schema-steps|exclusive|arriving-files)\\.ts$';

const wall = (room, ...mayImport) => ({
  name: `${room}-walls`,
  comment: `${room} may import ${mayImport.length > 0 ? mayImport.join(', ') : 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: '^(device|models|calibration|fleet|test)/', pathNot: [`^${room}/`, foundations, ...mayImport] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    { name: 'no-test-imports', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    {
      name: 'recognition-is-pure',
      comment: 'no disk, network or process in recognition (imaging decodes through sharp)',
      severity: 'error',
      from: { path: device('imaging', 'minutiae', 'matching', 'access') },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer)$' },
    },
    wall('device/config'),
    wall('device/sensor', device('imaging'), '^models/synthesis/'),
    wall('device/imaging'),
    wall('device/minutiae', device('imaging')),
    wall('device/inference', device('imaging')),
    wall('device/matching', device('imaging', 'minutiae', 'inference', 'gallery')),
    wall('device/secrets'),
    wall('device/gallery', device('minutiae', 'secrets')),
    wall('device/access', device('gallery')),
    wall('device/door'),
    wall('device/service'),
    wall('device/events', device('gallery', 'access')),
    wall('fleet', '^device/(events/event|gallery/template-codec)\\.ts$'),
    {
      name: 'provision-below-the-page-and-the-command-line',
      comment: 'the technician’s steps know neither the page nor the wizard that lead through them',
      severity: 'error',
      from: { path: '^device/provision/' },
      to: { path: device('console', 'cli') },
    },
    {
      name: 'page-below-the-command-line',
      severity: 'error',
      from: { path: '^device/console/' },
      to: { path: device('cli') },
    },
    wall('models', device('imaging')),
    wall('calibration', device('imaging', 'minutiae', 'inference', 'matching', 'gallery')),
    {
      name: 'onnxruntime-only-in-inference',
      severity: 'error',
      from: { path: '^(device|fleet|calibration)/', pathNot: '^device/inference/' },
      to: { path: 'onnxruntime' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Browsers run the page's modules, by their addresses there.
    exclude: { path: ['\\.as\\.ts$', '^device/console/page/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};

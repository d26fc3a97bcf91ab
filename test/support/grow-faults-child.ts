import { sufferFaults } from './grow-faults.ts';

const [sequences, modules, directory] = process.argv.slice(2);
await sufferFaults({ sequences: Number(sequences), modules: Number(modules), directory }, (result) => {
  process.stdout.write(`${JSON.stringify(result)}\n`);
});

#!/usr/bin/env node
// The installed command: teaches Node to read TypeScript, then hands over.
import { register } from 'tsx/esm/api';

register();
const { collect } = await import('./main.ts');
process.exit(await collect(process.argv.slice(2)));

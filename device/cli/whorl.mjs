#!/usr/bin/env node
// The installed command: teaches Node to read TypeScript, then hands over.
import { register } from 'tsx/esm/api';

register();
const { whorl } = await import('./whorl.ts');
process.exitCode = await whorl(process.argv.slice(2));

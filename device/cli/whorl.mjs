#!/usr/bin/env node
// The installed command: teaches Node to read TypeScript, then hands over.
import { register } from 'tsx/esm/api';

register();
await import('./whorl.ts');

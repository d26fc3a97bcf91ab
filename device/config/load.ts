import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigError } from './errors.ts';
import { CONFIG_VERSION, configSchema, type Config } from './schema.ts';

/** A setting that can be given: its path in the file, its name in the environment and what it means. */
export interface Setting {
  /** `door.unlockMs` */
  readonly path: string;
  /** `WHORL_DOOR_UNLOCK_MS` */
  readonly variable: string;
  readonly type: string;
  readonly description: string;
  readonly default?: unknown;
}

export interface ConfigSources {
  /** A JSON file; nothing is read without one. */
  readonly file?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** From the command line, by path (`door.unlockMs`); undefined where it said nothing. */
  readonly flags: Readonly<Record<string, unknown>>;
}

/** `WHORL_*` variables that are no settings: the configuration file's place, and where tests find real prints. */
const OTHER_VARIABLES: readonly string[] = ['WHORL_CONFIG', 'WHORL_DATA'];

/**
 * Reads the configuration: defaults, then the file, then `WHORL_*` variables, then flags; the later wins.
 *
 * @throws ConfigError naming the key and where it was given
 */
export function loadConfig({ file, environment, flags }: ConfigSources): Config {
  const given = file === undefined ? {} : readObject(file);
  const origins = new Map<string, string>();
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined || !variable.startsWith('WHORL_') || OTHER_VARIABLES.includes(variable)) continue;
    const setting = settings().find((known) => known.variable === variable);
    if (setting === undefined) throw new ConfigError('config.unknown-key', `there is no setting ${variable}`);
    origins.set(setting.path, variable);
    place(given, setting.path, fromText(text, setting.type));
  }
  for (const [path, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    origins.set(path, 'the command line');
    place(given, path, value);
  }
  const parsed = configSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw explain(parsed.error, (path) => origins.get(path) ?? file ?? 'the configuration');
}

/** Every setting, in the schema's order, for the documentation and the environment. */
export function settings(): Setting[] {
  return leaves(z.toJSONSchema(configSchema, { io: 'input' }), '').filter(({ path }) => path !== 'version');
}

function leaves(node: z.core.JSONSchema.BaseSchema, path: string): Setting[] {
  if (node.properties !== undefined)
    return Object.entries(node.properties).flatMap(([key, child]) =>
      typeof child === 'boolean' ? [] : leaves(child, path === '' ? key : `${path}.${key}`),
    );
  return [
    {
      path,
      variable: `WHORL_${path.replaceAll('.', '_').replace(/[A-Z]/g, '_$&').toUpperCase()}`,
      type: typeof node.type === 'string' ? node.type : 'string',
      description: node.description ?? '',
      ...(node.default !== undefined && { default: node.default }),
    },
  ];
}

/** Text that is no number or truth value stays text: the schema then says what was expected. */
function fromText(text: string, type: string): unknown {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if ((type === 'integer' || type === 'number') && text.trim() !== '' && !Number.isNaN(Number(text)))
    return Number(text);
  return text;
}

function place(target: Record<string, unknown>, path: string, value: unknown): void {
  const keys = path.split('.');
  const last = keys.pop() ?? path;
  let node = target;
  for (const key of keys) {
    const inner = node[key];
    // Anything else than an object is wrong and must stay for the schema to see.
    if (inner !== undefined && !isObject(inner)) return;
    node = node[key] = inner ?? {};
  }
  node[last] = value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readObject(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError('config.unreadable', `the configuration ${file} cannot be read: ${reason}`, { cause });
  }
  if (!isObject(value)) throw new ConfigError('config.unreadable', `the configuration ${file} is not a JSON object`);
  if (typeof value.version === 'number' && value.version > CONFIG_VERSION)
    throw new ConfigError(
      'config.newer-version',
      `${file} is of version ${value.version}; this Whorl reads ${CONFIG_VERSION}`,
    );
  return value;
}

function explain(error: z.ZodError, originOf: (path: string) => string): ConfigError {
  const [issue] = error.issues;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys;
    const full = path === '' ? key : `${path}.${key}`;
    return new ConfigError('config.unknown-key', `there is no setting "${full}" (in ${originOf(full)})`, {
      cause: error,
    });
  }
  return new ConfigError('config.bad-value', `${path} (in ${originOf(path)}): ${issue.message}`, { cause: error });
}

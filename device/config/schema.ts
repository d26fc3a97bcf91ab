import { z } from 'zod';

/** The configuration's layout; a file of an older one would be brought up step by step, a newer one is refused. */
export const CONFIG_VERSION = 1;

const port = z.int().min(0).max(65_535);

/** The one description of the configuration: what is allowed, what holds when nothing is said, and what it means. */
export const configSchema = z.strictObject({
  version: z.literal(CONFIG_VERSION).default(CONFIG_VERSION).describe('layout of this file'),
  device: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')
    .default('door-1')
    .describe('name of this terminal: in topics and in every event'),
  state: z.string().min(1).default('./var').describe('directory for the gallery, its key and the outbox'),
  sensor: z
    .string()
    .min(1)
    .default('artificial:optical')
    .describe(
      'where touches come from: folder:<directory of images>, artificial:<model>, uru4000:<serial or USB port>, nb1010:<the same>',
    ),
  broker: z
    .strictObject({
      url: z.string().min(1).exactOptional().describe('an MQTT broker, mqtt://host:port; without it one is embedded'),
      port: port.default(0).describe('where the embedded broker listens on 127.0.0.1; 0 takes a free port'),
    })
    .prefault({}),
  door: z
    .strictObject({
      unlockMs: z.int().min(100).max(30_000).default(3_000).describe('how long the door is unlocked, milliseconds'),
    })
    .prefault({}),
  falseAccept: z
    .strictObject({
      years: z.number().positive().exactOptional().describe('one stranger may be let in, in so many years'),
      touchesPerDay: z.number().positive().exactOptional().describe('how often this door is touched a day'),
      strangerShare: z.number().gt(0).max(1).exactOptional().describe('share of the touches that are of strangers'),
    })
    .prefault({}),
  events: z
    .strictObject({
      names: z.boolean().default(false).describe('whether the event of a granted touch carries the name beside the id'),
      capacity: z.int().min(100).max(10_000_000).default(1_000_000).describe('the most events kept for later delivery'),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;

import { z } from 'zod';

/** The configuration's layout; a file of an older one would be brought up step by step, a newer one is refused. */
export const CONFIG_VERSION = 1;

const port = z.int().min(0).max(65_535);
const line = z.int().min(0).max(1_023);
const path = z.string().min(1).exactOptional();
const wired = z.enum(['none', 'NO', 'NC']).default('none');

/** The one description of the configuration: what is allowed, what holds when nothing is said, and what it means. */
export const configSchema = z.strictObject({
  version: z.literal(CONFIG_VERSION).default(CONFIG_VERSION).describe('layout of this file'),
  device: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, - or _')
    .regex(/^(?!(collector|operator|fleet)$)/, 'must not be a name that the broker knows others by')
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
      url: z.string().min(1).exactOptional().describe('an MQTT broker, mqtts://host:port; without it one is embedded'),
      tls: z
        .strictObject({
          ca: path.describe('PEM file of the only authority whose brokers are trusted'),
          certificate: path.describe('PEM file of the certificate by which the broker knows this terminal'),
          key: path.describe('PEM file of its key'),
        })
        .prefault({}),
      port: port.default(0).describe('where the embedded broker listens on 127.0.0.1; 0 takes a free port'),
    })
    .prefault({}),
  keys: z
    .strictObject({
      keeper: z
        .enum(['auto', 'tpm2', 'systemd-creds', 'file'])
        .default('file')
        .describe('what keeps new keys of this board from whoever has its disk; auto: the best that works here'),
      tcti: z
        .string()
        .min(1)
        .exactOptional()
        .describe('how the TPM is reached, as tpm2-tools say it (default: the kernel’s /dev/tpmrm0)'),
    })
    .prefault({}),
  models: z
    .string()
    .min(1)
    .exactOptional()
    .describe('directory of the models and their manifest (default: those that come with Whorl)'),
  clock: z
    .strictObject({
      battery: z
        .boolean()
        .default(false)
        .describe('whether a battery keeps the board’s clock: it is then trusted without a network'),
    })
    .prefault({}),
  door: z
    .strictObject({
      board: z
        .string()
        .min(1)
        .default('simulated')
        .describe('what drives the door: simulated, firmata:<serial port> or gpio:<chip>'),
      unlockMs: z.int().min(500).max(60_000).default(3_000).describe('how long the door is unlocked, milliseconds'),
      lock: z
        .enum(['secure', 'safe'])
        .default('secure')
        .describe('secure: locked without power, on the relay’s NO; safe: unlocked without power, on its NC'),
      relay: z
        .strictObject({
          line: line.default(8).describe('pin or line that releases the lock'),
          active: z
            .enum(['high', 'low'])
            .default('high')
            .describe('level at which the relay is energised; low on a GPIO chip only'),
        })
        .prefault({}),
      contact: z
        .strictObject({
          line: line.default(2).describe('pin or line of the door contact'),
          wired: wired.describe('NC: its circuit is closed while the door is; NO: while it is open'),
        })
        .prefault({}),
      exit: z
        .strictObject({
          line: line.default(3).describe('pin or line of the request-to-exit button'),
          wired: wired.describe('NO: pressing closes its circuit; NC: pressing opens it'),
        })
        .prefault({}),
      tamper: z
        .strictObject({
          line: line.default(4).describe('pin or line of the tamper switch'),
          wired: wired.describe('NC: its circuit is closed while all is well; NO: while it is not'),
        })
        .prefault({}),
      fire: z
        .strictObject({
          line: line.default(5).describe('pin or line from the fire panel, which unlocks the door'),
          wired: wired.describe('NC: its circuit is closed while all is well; NO: while there is fire'),
        })
        .prefault({}),
      lamp: z
        .strictObject({
          green: line.exactOptional().describe('pin or line of the green lamp'),
          red: line.exactOptional().describe('pin or line of the red lamp'),
        })
        .prefault({}),
      buzzer: line.exactOptional().describe('pin or line of the buzzer'),
      heldOpen: z
        .strictObject({
          warnMs: z.int().min(1_000).max(600_000).default(20_000).describe('open for so long, the door warns'),
          alarmMs: z.int().min(1_000).max(600_000).default(10_000).describe('and after so long more it is an alarm'),
        })
        .prefault({}),
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
      capacity: z.int().min(100).max(10_000_000).default(1_000_000).describe('the most events kept'),
      retentionDays: z
        .int()
        .min(1)
        .max(3_650)
        .default(90)
        .describe('how long delivered events are kept, to be sent again where the collector asks for it'),
      acknowledgedBy: z
        .enum(['collector', 'broker'])
        .exactOptional()
        .describe('who must have an event before its delivery ends (default: the collector; the broker if embedded)'),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;

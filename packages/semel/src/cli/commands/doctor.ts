import { styleText } from 'node:util';
import { type Command, Option } from 'commander';
import { diagnose } from '../doctor/diagnose.ts';
import type { Finding, Level, Thresholds } from '../doctor/finding.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import type { Act } from '../invocation.ts';
import { durationValue } from '../option-values.ts';
import { printable } from '../output/printable.ts';
import type { World } from '../world.ts';

interface DoctorOptions {
  readonly maxAge: number;
  readonly gone: number;
  readonly maxIdle: number;
  readonly maxTransaction: number;
  readonly inbox: number;
  readonly messages: number;
  readonly failOn: 'warn' | 'fail';
  readonly role?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `semel doctor`: what is wrong, and what mends it. Changes nothing. */
export function addDoctor(program: Command, act: Act): void {
  program
    .command('doctor')
    .description(`examine the store, change nothing; exit ${EXIT_CODES.findings} if something is found`)
    .addOption(duration('--max-age <age>', 'warn where a message waits for longer', HOUR_MS, '1h'))
    .addOption(duration('--gone <age>', 'warn where a consumer with a backlog was not started for longer', 7 * DAY_MS, '7d'))
    .addOption(duration('--max-idle <age>', 'Postgres: warn where a session is idle in a transaction for longer', MINUTE_MS, '1m'))
    .addOption(duration('--max-transaction <age>', 'Postgres: warn where a transaction is open for longer', 15 * MINUTE_MS, '15m'))
    .addOption(duration('--inbox <age>', "the service's retention of inbox records", 30 * DAY_MS, '30d'))
    .addOption(duration('--messages <age>', "the service's retention of messages", 7 * DAY_MS, '7d'))
    .option('--role <name>', "Postgres: the service's role, whose grants are looked at; else that of the address")
    .addOption(new Option('--fail-on <level>', 'from which level on the exit code tells').choices(['warn', 'fail']).default('warn'))
    .action(
      act<DoctorOptions>(async ({ world, options, target, print }) => {
        const store = target();
        const { failOn, role } = options;
        const findings = await diagnose(store, thresholdsOf(options, world.now()), world, role);
        const level = worstOf(findings);
        print({ json: { store: store.address, level, findings }, text: () => textOf(findings, hasColours(world)) });
        return level === 'fail' || level === failOn ? EXIT_CODES.findings : EXIT_CODES.ok;
      }),
    );
}

function thresholdsOf({ maxAge, gone, maxIdle, maxTransaction, inbox, messages }: DoctorOptions, nowMs: number): Thresholds {
  return { nowMs, maxAgeMs: maxAge, goneMs: gone, maxIdleMs: maxIdle, maxTransactionMs: maxTransaction, inboxMs: inbox, messagesMs: messages };
}

function duration(flags: string, description: string, defaultMs: number, shown: string): Option {
  return new Option(flags, description).argParser(durationValue).default(defaultMs, shown);
}

function worstOf(findings: readonly Finding[]): Level {
  const levels = new Set(findings.map(({ level }) => level));
  return levels.has('fail') ? 'fail' : levels.has('warn') ? 'warn' : 'ok';
}

const COLOURS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

/** A colour says nothing that the word does not. */
function textOf(findings: readonly Finding[], colours: boolean): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, level, found, todo }) => {
    const word = colours ? styleText(COLOURS[level], level.padEnd(4), { validateStream: false }) : level.padEnd(4);
    return [`${word}  ${check.padEnd(width)}  ${printable(found)}`, ...(todo === undefined ? [] : [`${' '.repeat(width + 8)}→ ${printable(todo)}`])];
  });
  return `${lines.join('\n')}\n`;
}

function hasColours({ isTty, env }: World): boolean {
  return isTty && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

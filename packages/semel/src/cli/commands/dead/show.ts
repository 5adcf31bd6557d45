import { Buffer, isUtf8 } from 'node:buffer';
import type { Command } from 'commander';
import type { Failure } from '../../../core/delivery.ts';
import { formatDuration } from '../../../core/duration.ts';
import { SemelError } from '../../../core/errors.ts';
import type { DeadLetter } from '../../../core/store.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import type { Act } from '../../invocation.ts';
import { idValue } from '../../option-values.ts';
import { printable, printableLines } from '../../output/printable.ts';
import { formatSize } from '../../output/size.ts';
import { withStore } from '../../with-store.ts';

/** `semel dead show`: everything about one dead letter. The only command that shows a payload. */
export function addShow(dead: Command, act: Act): void {
  dead
    .command('show')
    .description('show one dead letter: reason, history, payload')
    .argument('<id>', 'its id', idValue)
    .option('--no-payload', 'leave the payload out')
    .action(
      act<{ readonly payload: boolean }, [number]>(async ({ world, options, args: [id], target, print }) => {
        const store = target();
        const letter = await withStore(store.existing(), world, (open) => open.deadLetters.get(id));
        if (letter === undefined) throw new SemelError('unknown-dead-letter', `there is no dead letter ${id} in ${store.address}`);
        print({
          json: { store: store.address, deadLetter: jsonOf(letter, options.payload) },
          text: () => `${[factsOf(letter, world.now()), historyOf(letter.history), ...(options.payload ? [payloadOf(letter)] : [])].join('\n')}`,
        });
        return EXIT_CODES.ok;
      }),
    );
}

function jsonOf({ message, bytes, ...facts }: DeadLetter, payload: boolean): object {
  if (!payload) return facts;
  return { ...facts, ...(message === undefined ? {} : { message }), ...(bytes === undefined ? {} : { bytesBase64: Buffer.from(bytes).toString('base64') }) };
}

function factsOf({ id, consumer, topic, source, messageId, key, reason, diedAtMs, message }: DeadLetter, nowMs: number): string {
  const facts: Readonly<Record<string, string | undefined>> = {
    'dead letter': String(id),
    consumer,
    topic,
    source,
    message: messageId,
    key,
    type: message?.type,
    published: message?.time,
    headers: headersOf(message?.headers),
    reason,
    died: `${iso(diedAtMs)}, ${formatDuration(nowMs - diedAtMs)} ago`,
  };
  const shown = Object.entries(facts).filter((fact): fact is [string, string] => fact[1] !== undefined);
  return shown.map(([name, value]) => `${name.padEnd(11)}  ${printable(value)}\n`).join('');
}

function headersOf(headers: Readonly<Record<string, string>> = {}): string | undefined {
  const list = Object.entries(headers).map(([name, value]) => `${name}=${value}`);
  return list.length === 0 ? undefined : list.join(' ');
}

function historyOf(history: readonly Failure[]): string {
  return `history\n${history.map(failureOf).join('')}`;
}

function failureOf({ attempt, atMs, code, message, stack }: Failure): string {
  const frames = stack === undefined ? '' : indented(framesOf(stack), 4);
  return `${indented(`try ${attempt}  ${iso(atMs)}  ${code}: ${message}`, 2)}${frames}`;
}

/** The frames alone: the error's message stands above them already. */
function framesOf(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim())
    .join('\n');
}

function payloadOf({ message, bytes }: DeadLetter): string {
  if (message !== undefined) return `payload\n${indented(JSON.stringify(message.data, null, 2), 2)}`;
  if (bytes === undefined) return 'payload\n  not kept\n';
  const text = isUtf8(bytes) ? Buffer.from(bytes).toString() : Buffer.from(bytes).toString('base64');
  return `payload (not decoded, ${formatSize(bytes.length)}${isUtf8(bytes) ? '' : ', base64'})\n${indented(text, 2)}`;
}

function indented(text: string, by: number): string {
  if (text === '') return '';
  return `${printableLines(text).replace(/^/gm, ' '.repeat(by))}\n`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

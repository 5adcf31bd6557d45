import { SemelError } from '../../../core/errors.ts';
import { badOption } from '../../../core/options.ts';
import { checkWindow } from '../../../core/redelivery-window.ts';
import type { SubscribeOptions } from '../../../core/transport.ts';
import type { SqsClient } from './sqs-client.ts';
import { SqsQueue } from './sqs-queue.ts';

/** A message is hidden no longer than this after it was received, however often that is prolonged. */
export const MAX_HIDDEN_MS = 43_200_000;
const MAX_RETENTION_MS = 14 * 86_400_000;

/** What a queue's own settings mean for who reads it. */
export interface SqsFooting {
  readonly arn: string;
  readonly windowMs: number;
  /** Where the window is from. */
  readonly source: string;
  /** How often a message is received before it goes to the dead-letter queue; undefined where there is none. */
  readonly maxReceives: number | undefined;
  readonly policy: string | undefined;
}

/** Reads the settings of a queue, and of the dead-letter queue that it names. */
export async function footingOf(client: SqsClient, queue: SqsQueue, name: string, fifo: boolean): Promise<SqsFooting> {
  const { QueueArn = '', MessageRetentionPeriod, RedrivePolicy, Policy: policy } = await queue.attributes();
  const retentionMs = millisecondsOf(MessageRetentionPeriod);
  const redrive = redriveOf(RedrivePolicy);
  if (redrive === undefined) return { arn: QueueArn, windowMs: retentionMs, source: `MessageRetentionPeriod of ${name}`, maxReceives: undefined, policy };
  const dead = await deadRetention(client, redrive.arn);
  // A message that is moved to the dead-letter queue of a FIFO queue begins a new retention, of a standard queue it keeps its age; one that is moved back begins a new one.
  const windowMs = (fifo ? retentionMs + dead.ms : Math.max(retentionMs, dead.ms)) + retentionMs;
  const source = `MessageRetentionPeriod of ${name}, and of its dead-letter queue${dead.known ? '' : ', which cannot be read and counts as 14 days'}, out of which a redrive brings it back`;
  return { arn: QueueArn, windowMs, source, maxReceives: redrive.maxReceives, policy };
}

/** Throws `bad-option`, `capability-missing` or `window-too-short` where the queue's settings and the consumer's do not go together. */
export function checkQueue(name: string, { windowMs, source, maxReceives }: SqsFooting, deadLetters: 'semel' | 'broker', options: SubscribeOptions): void {
  const { consumer, leaseMs, attempts, recordsKeptMs } = options;
  if (leaseMs < 1_000 || leaseMs > MAX_HIDDEN_MS)
    throw badOption(`consumer ${consumer}`, 'leaseMs', leaseMs, 'from 1 s to 12 h, for SQS hides a message in whole seconds, and no longer');
  checkWindow(consumer, { service: `the queue ${name}`, windowMs, source }, recordsKeptMs);
  if (deadLetters === 'broker' && maxReceives === undefined)
    throw new SemelError(
      'capability-missing',
      `consumer ${consumer}: the queue ${name} has no redrive policy, so its dead letters would come again for ever; give it one, or leave \`deadLetters\` at its default`,
    );
  if (maxReceives !== undefined && maxReceives < attempts)
    throw new SemelError(
      'capability-missing',
      `consumer ${consumer}: the queue ${name} moves a message to its dead-letter queue after maxReceiveCount = ${maxReceives} receives, before its ${attempts} tries are over; set maxReceiveCount to at least ${attempts}, better twice that, for a restart costs a receive as well, or retry.attempts to at most ${maxReceives}`,
      { details: { maxReceives, attempts } },
    );
}

async function deadRetention(client: SqsClient, arn: string): Promise<{ readonly ms: number; readonly known: boolean }> {
  try {
    const { MessageRetentionPeriod } = await (await SqsQueue.find(client, arn)).attributes();
    return { ms: millisecondsOf(MessageRetentionPeriod), known: true };
  } catch {
    return { ms: MAX_RETENTION_MS, known: false }; // its reader may have no right to look at it
  }
}

function redriveOf(policy: string | undefined): { readonly arn: string; readonly maxReceives: number } | undefined {
  if (policy === undefined || policy === '') return undefined;
  const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy);
  return { arn: String(deadLetterTargetArn), maxReceives: Number(maxReceiveCount) };
}

function millisecondsOf(seconds: string | undefined): number {
  return seconds === undefined ? MAX_RETENTION_MS : Number(seconds) * 1_000;
}

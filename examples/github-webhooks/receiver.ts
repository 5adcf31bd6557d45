import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ErrorCode, isSemelError, readJson, type Semel } from 'semel';
import { type GitHubDelivery, isObject } from './schema.ts';
import { deliveries } from './service.ts';
import { verify } from './signature.ts';
import { subjectOf } from './subject.ts';

/** How a receiver is set up. */
export interface ReceiverOptions {
  /** The webhook's secret; while one replaces another, both. */
  readonly secrets: readonly string[];
  /** Larger bodies are refused. @default 25 MiB, the most that GitHub sends */
  readonly maxBytes?: number;
  /** Told of errors that no sender is to blame for. @default `console.error` */
  readonly onError?: (error: unknown) => void;
}

type Settings = Required<ReceiverOptions>;

const MAX_BYTES = 25 * 1024 * 1024;
/** GitHub gives up after ten seconds, so whoever needs longer to send a request is not GitHub. */
const REQUEST_TIMEOUT_MS = 10_000;
const RETRY_AFTER_SECONDS = 5;

/** What Semel refuses is the sender's mistake, and means one of these; the rest is trouble of ours. */
const STATUS_OF_CODE: Partial<Record<ErrorCode, number>> = {
  'not-json': 400,
  'too-deep': 400,
  'duplicate-member': 400,
  'forbidden-member': 400,
  'unsafe-number': 400,
  'schema-invalid': 400,
  'identity-conflict': 409,
  'too-large': 413,
};

/** A request that is answered with a status of the 4xx, and with the reason. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/**
 * An HTTP server that stores GitHub's deliveries. Its answer is the contract: 202 is sent after the commit, so whatever got it will be
 * handled; a delivery that got anything else, or nothing, may be sent again, and is stored once.
 *
 * | status | when |
 * |---|---|
 * | 202 | stored, now or before |
 * | 400 | a header is missing, or the body is not JSON that can be read without changing it |
 * | 401 | none of the secrets made this signature over these bytes |
 * | 405, 415 | not a POST; not `application/json` |
 * | 409 | the delivery's id is known with another payload |
 * | 413 | the body is too large |
 * | 503 | the store cannot be reached or is busy: later, please |
 */
export function createReceiver(semel: Pick<Semel, 'publish'>, options: ReceiverOptions): Server {
  const settings: Settings = { maxBytes: MAX_BYTES, onError: console.error, ...options };
  if (settings.secrets.length === 0 || settings.secrets.includes(''))
    throw new TypeError('the receiver needs at least one secret, and none may be empty: anybody could sign with it');
  const server = createServer(async (request, response) => {
    try {
      await semel.publish(deliveries, await deliveryOf(request, settings)); // resolves after the commit
      answer(response, 202, 'stored');
    } catch (error) {
      answerError(response, error, settings);
    }
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  return server;
}

async function deliveryOf(request: IncomingMessage, { secrets, maxBytes }: Settings): Promise<GitHubDelivery> {
  if (request.method !== 'POST') throw new Refusal(405, 'only POST is answered here');
  if (!/^application\/json\b/i.test(header(request, 'Content-Type'))) throw new Refusal(415, 'set the content type of the webhook to application/json');
  const signature = header(request, 'X-Hub-Signature-256');
  const delivery = header(request, 'X-GitHub-Delivery');
  const event = header(request, 'X-GitHub-Event');

  const body = await readBody(request, maxBytes);
  if (!verify(body, signature, secrets)) throw new Refusal(401, 'the signature does not fit the body and any secret');

  const payload = readJson(body, { maxBytes });
  if (!isObject(payload)) throw new Refusal(400, 'the body is not a JSON object');
  return { delivery, event, subject: subjectOf(payload), bytes: body.length, payload };
}

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name.toLowerCase()];
  if (typeof value !== 'string' || value === '') throw new Refusal(400, `the header ${name} is missing`);
  return value;
}

/** The raw bytes, for the signature is over these. Of a body that is too large nothing is kept; it is read to its end so that the sender gets its answer. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (bytes > maxBytes) throw new Refusal(413, `the body is larger than ${maxBytes} bytes`);
  return Buffer.concat(chunks);
}

function answerError(response: ServerResponse, error: unknown, { onError }: Settings): void {
  if (response.destroyed) return; // the sender is gone, and will come again
  if (error instanceof Refusal) return answer(response, error.status, error.message);
  const status = isSemelError(error) ? STATUS_OF_CODE[error.code] : undefined;
  if (isSemelError(error) && status !== undefined) return answer(response, status, error.message);
  onError(error);
  if (!isSemelError(error) || !error.retryable) return answer(response, 500, 'the delivery could not be stored');
  response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  answer(response, 503, 'the delivery could not be stored now');
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

import { createVerify, X509Certificate } from 'node:crypto';
import { SemelError } from '../../../core/errors.ts';
import { badOption, checkOptions, functionOf, nonNegativeMs } from '../../../core/options.ts';
import { readJson } from '../../../core/read-json.ts';
import { type Runtime, systemRuntime } from '../../../core/runtime.ts';

/** What SNS posts to an HTTP endpoint, once its signature was verified. */
export interface SnsPost {
  /** `SubscriptionConfirmation`: fetch `subscribeUrl` to confirm, if you want the subscription. `Notification`: `message` is what was published. */
  readonly type: 'Notification' | 'SubscriptionConfirmation' | 'UnsubscribeConfirmation';
  readonly topicArn: string;
  /** What was published: a CloudEvent, for Semel's own messages. Its identity is in it; `messageId` is SNS's, and another one for every publish. */
  readonly message: string;
  readonly messageId: string;
  /** When SNS took it, in milliseconds since 1970. */
  readonly atMs: number;
  /** An address of SNS itself. */
  readonly subscribeUrl?: string;
}

/** Options of {@link snsVerifier}. */
export interface SnsVerifierOptions {
  /** The ARNs of the topics that are yours: SNS signs for everybody's. */
  readonly topics: readonly string[];
  /** Fetches the certificate. @default the platform's `fetch` */
  readonly fetch?: typeof fetch;
  /** How old a post may be, in milliseconds: SNS itself tries for an hour at most. @default 3_900_000 */
  readonly maxAgeMs?: number;
  /** @default the machine's */
  readonly runtime?: Runtime;
}

const HOST = /^sns\.[a-z0-9-]{3,30}\.amazonaws\.com(?:\.cn)?$/;
const NOTIFICATION = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const;
const CONFIRMATION = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const;
const SIGNED: Readonly<Record<string, readonly string[]>> = { Notification: NOTIFICATION, SubscriptionConfirmation: CONFIRMATION, UnsubscribeConfirmation: CONFIRMATION };
const HASHES: Readonly<Record<string, string>> = { '1': 'RSA-SHA1', '2': 'RSA-SHA256' };
const MAX_AGE_MS = 3_900_000;
/** Clocks differ. */
const SKEW_MS = 300_000;
const MAX_CERTIFICATE_BYTES = 65_536;
const MAX_CERTIFICATES = 20;

type Post = Readonly<Record<string, string | undefined>>;

/**
 * Verifies what is posted to an HTTP endpoint in SNS's name: the signature (versions 1 and 2), by a certificate of an address of SNS alone, the topic, and the age.
 *
 * @example
 * const verify = snsVerifier({ topics: ['arn:aws:sns:eu-central-1:123456789012:orders'] });
 * const post = await verify(await request.text()); // throws what is not SNS's
 * @returns rejects with `signature-invalid`, or as {@link readJson} throws; with what `fetch` rejects with where a certificate cannot be had now
 * @throws SemelError `bad-option`
 */
export function snsVerifier(options: SnsVerifierOptions): (body: string | Uint8Array) => Promise<SnsPost> {
  checkOptions('snsVerifier', options, ['topics', 'fetch', 'maxAgeMs', 'runtime']);
  const { topics, fetch: get = fetch, maxAgeMs = MAX_AGE_MS, runtime = systemRuntime } = options;
  if (!Array.isArray(topics) || topics.length === 0) throw badOption('snsVerifier', 'topics', topics, 'the ARNs of your topics; at least one');
  functionOf('snsVerifier', 'fetch', get);
  nonNegativeMs('snsVerifier', 'maxAgeMs', maxAgeMs);
  const own = new Set(topics);
  const certificates = new Map<string, Promise<X509Certificate>>();
  return async (body) => {
    const post = postOf(readJson(body));
    const certificate = await certificateAt(addressOf(post['SigningCertURL']), get, certificates);
    checkSignature(post, certificate, runtime.clock.now());
    if (!own.has(post['TopicArn'] ?? '')) throw invalid('it is of a topic that is not among `topics`');
    return checkedPost(post, runtime.clock.now(), maxAgeMs);
  };
}

function postOf(value: unknown): Post {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(entries.flatMap(([name, member]) => (typeof member === 'string' ? [[name, member]] : [])));
}

/** The address, if it is one of SNS's own: whoever may name another signs with a key of his own. */
function addressOf(text: string | undefined): string {
  const url = URL.parse(text ?? '');
  const isOwn = url?.protocol === 'https:' && HOST.test(url.hostname) && url.port === '' && url.username === '' && url.password === '' && url.pathname.endsWith('.pem');
  if (url === null || !isOwn) throw invalid("its certificate's address is none of SNS's own");
  return url.href;
}

/** Fetched once; a fetch that fails is tried again by the next post. */
function certificateAt(url: string, get: typeof fetch, certificates: Map<string, Promise<X509Certificate>>): Promise<X509Certificate> {
  const known = certificates.get(url);
  if (known !== undefined) return known;
  if (certificates.size >= MAX_CERTIFICATES) certificates.clear(); // paths are for anyone to make up
  const fetched = fetchCertificate(url, get);
  certificates.set(url, fetched);
  fetched.catch(() => certificates.delete(url));
  return fetched;
}

async function fetchCertificate(url: string, get: typeof fetch): Promise<X509Certificate> {
  const response = await get(url, { redirect: 'error' });
  if (!response.ok) throw new SemelError('transport-unavailable', `${url} answers with ${response.status}`);
  const text = await response.text();
  if (text.length > MAX_CERTIFICATE_BYTES) throw invalid('its certificate is too large to be one');
  return new X509Certificate(text);
}

function checkSignature(post: Post, certificate: X509Certificate, nowMs: number): void {
  const names = SIGNED[post['Type'] ?? ''];
  const hash = HASHES[post['SignatureVersion'] ?? ''];
  if (names === undefined || hash === undefined) throw invalid('its type or the version of its signature is none that SNS has');
  if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) throw invalid('its certificate is not valid now');
  const text = names.flatMap((name) => (post[name] === undefined ? [] : [`${name}\n${post[name]}\n`])).join('');
  if (
    !createVerify(hash)
      .update(text, 'utf8')
      .verify(certificate.publicKey, post['Signature'] ?? '', 'base64')
  )
    throw invalid('its signature does not fit');
}

function checkedPost({ Type, TopicArn, Message, MessageId, Timestamp, SubscribeURL }: Post, nowMs: number, maxAgeMs: number): SnsPost {
  const atMs = Date.parse(Timestamp ?? '');
  if (!(atMs >= nowMs - maxAgeMs && atMs <= nowMs + SKEW_MS)) throw invalid('it is too old, or of a time to come');
  const post = { type: Type as SnsPost['type'], topicArn: TopicArn ?? '', message: Message ?? '', messageId: MessageId ?? '', atMs };
  if (SubscribeURL === undefined) return post;
  const url = URL.parse(SubscribeURL);
  if (url?.protocol !== 'https:' || !HOST.test(url.hostname)) throw invalid("the address to confirm at is none of SNS's own");
  return { ...post, subscribeUrl: url.href };
}

function invalid(why: string): SemelError {
  return new SemelError('signature-invalid', `what was posted is not taken for SNS's: ${why}`);
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mavenRelease } from './maven-release.ts';
import { launch } from './process.ts';
import type { Server, Service, Site } from './service.ts';
import { programOf } from './system-program.ts';

const VERSION = '1.7.1';
const ASK_MS = 2_000;
/** Of nobody: emulators do not verify it, but some see by it which service is meant. */
const UNSIGNED = 'AWS4-HMAC-SHA256 Credential=nobody/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=none';
/** A small heap, and no compiler that takes long over what runs for seconds. */
const JVM = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** An ElasticMQ, which speaks SQS with its limits; what it holds is in memory. Its address is an endpoint for the AWS SDK, with any credentials. */
export function elasticmq(name: string): Service {
  return { name, needs: [], stopSignal: 'SIGKILL', start, ask: askSqs };
}

/** Resolves where SQS lists its queues. */
export async function askSqs(url: string): Promise<void> {
  const headers = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0', authorization: UNSIGNED };
  const response = await fetch(url, { method: 'POST', headers, body: '{}', signal: AbortSignal.timeout(ASK_MS) });
  if (!response.ok) throw new Error(`${url} answers ListQueues with ${response.status}`);
}

async function start({ folder, cache, port }: Site): Promise<Server> {
  const java = await programOf('java', 'default-jre-headless');
  const jars = await mavenRelease(`elasticmq-${VERSION}`, [`org.elasticmq:elasticmq-server_2.13:${VERSION}`], cache);
  const file = join(folder, 'elasticmq.conf');
  writeFileSync(file, configuration(port));
  return { pid: launch(java, [...JVM, `-Dconfig.file=${file}`, '-cp', join(jars, '*'), 'org.elasticmq.server.Main'], folder), url: `http://127.0.0.1:${port}` };
}

function configuration(port: number): string {
  return [
    'include classpath("application.conf")',
    `node-address { protocol = http, host = "127.0.0.1", port = ${port}, context-path = "" }`,
    `rest-sqs { enabled = true, bind-port = ${port}, bind-hostname = "127.0.0.1", sqs-limits = strict }`,
    'rest-stats { enabled = false }',
    '',
  ].join('\n');
}

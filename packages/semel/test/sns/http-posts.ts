import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { SNS } from '@aws-sdk/client-sns';

/** What SNS posts. */
export type Post = Readonly<Record<string, string>>;

/** Has a topic post to an endpoint of one's own, and gives what it posts of a message that is published. */
export async function notificationOf(client: SNS, topicArn: string, message: string): Promise<Post> {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    posts.push(JSON.parse(await text(request)));
    response.end();
    server.emit('posted');
  }).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    await client.subscribe({ TopicArn: topicArn, Protocol: 'http', Endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
    while (posts.length < 1) await once(server, 'posted');
    await client.confirmSubscription({ TopicArn: topicArn, Token: posts[0]?.['Token'] });
    await client.publish({ TopicArn: topicArn, Message: message });
    while (posts.length < 2) await once(server, 'posted');
    return posts[1] as Post;
  } finally {
    server.close();
  }
}

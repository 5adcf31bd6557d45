import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { launch } from '../../scripts/services/process.ts';
import type { Service } from '../../scripts/services/service.ts';
import { Unavailable } from './unavailable.ts';

/** A Redis that keeps what it was told, flushed every second: the setting that its queues recommend. */
export const redis: Service = {
  name: 'bench-redis',
  needs: [],
  stopSignal: 'SIGTERM',
  start: async ({ folder, port }) => {
    requireProgram();
    const options = { bind: '127.0.0.1', port, dir: folder, appendonly: 'yes', appendfsync: 'everysec', save: '' };
    const pid = launch(
      'redis-server',
      Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
      folder,
    );
    return { pid, url: `redis://127.0.0.1:${port}` };
  },
  ask: async (url) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    try {
      socket.end('PING\r\n');
      const [answer] = await once(socket, 'data');
      if (String(answer) !== '+PONG\r\n') throw new Error(`Redis answered ${answer}`);
    } finally {
      socket.destroy();
    }
  },
};

function requireProgram(): void {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
  } catch (cause) {
    throw new Unavailable('there is no redis-server: apt install redis-server', { cause });
  }
}

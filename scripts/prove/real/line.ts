import { type FaultProxy, faultProxy } from 'semel/testing';

/** The way to a server, which can be cut. */
export interface Line {
  readonly proxy: FaultProxy;
  /** The server's address by this way. */
  readonly url: string;
}

/** Where an address names a host and a port: `amqp://guest:guest@127.0.0.1:5672`, `127.0.0.1:9092`. */
const PLACE = /([\w.-]+):(\d+)(?=[/?#]|$)/;

/** A proxy on the way to a server. */
export async function lineTo(url: string): Promise<Line> {
  const [, host, port] = PLACE.exec(url) ?? [];
  if (host === undefined) throw new Error(`${url} names no host and port`);
  const proxy = await faultProxy({ to: { host, port: Number(port) } });
  return { proxy, url: url.replace(PLACE, `${proxy.host}:${proxy.port}`) };
}

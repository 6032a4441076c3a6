import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/**
 * - `pass`: everything goes through.
 * - `dropReplies`: the server gets everything, the client gets nothing more.
 * - `blackHole`: nothing goes through, and no side is notified.
 * - `refuse`: open connections are cut, new ones refused immediately.
 */
export type ProxyMode = 'pass' | 'dropReplies' | 'blackHole' | 'refuse';

/** A TCP connection to a server, to be broken in all the ways that a network knows. */
export interface TcpProxy {
  readonly port: number;
  /**
   * How bytes are treated from now on. A connection that has lost bytes stays dead when the mode is `pass` again, as it
   * would in life; new connections work.
   */
  set(mode: ProxyMode): void;
  /** Cuts open connections once; new ones work. */
  cut(): void;
  /** Resolves when bytes from the client were lost or, with `dropReplies`, bytes from the server. */
  lostBytes(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  let mode: ProxyMode = 'pass';
  const pairs = new Set<readonly [Socket, Socket]>();
  let onLost: (() => void)[] = [];
  const lost = (): void => {
    for (const resolve of onLost) resolve();
    onLost = [];
  };

  const server = createServer({ noDelay: true }, (client) => {
    if (mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    // What a direction has lost once, it can't make up for.
    let toServerDead = false;
    let toClientDead = false;
    client.on('data', (bytes) => {
      toServerDead ||= mode === 'blackHole';
      if (toServerDead) lost();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      toClientDead ||= mode === 'blackHole' || mode === 'dropReplies';
      if (toClientDead) lost();
      else client.write(bytes);
    });
    for (const [socket, other] of [pair, [upstream, client] as const]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  const cut = (): void => {
    for (const [client, upstream] of pairs) {
      client.resetAndDestroy();
      upstream.destroy();
    }
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      mode = next;
      if (mode === 'refuse') cut();
    },
    cut,
    lostBytes: () => new Promise((resolve) => onLost.push(resolve)),
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

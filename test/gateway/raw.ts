import { connect, type Socket } from 'node:net';

/** A connection that sends bytes as they are, and keeps all that comes back. */
export class RawConnection {
  private text = '';
  private ended = false;
  private readonly socket: Socket;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('latin1').on('data', (part: string) => (this.text += part));
    this.socket.on('close', () => (this.ended = true)).on('error', () => undefined);
  }

  send(bytes: string | Buffer): this {
    this.socket.write(bytes);
    return this;
  }

  get received(): string {
    return this.text;
  }

  get closed(): boolean {
    return this.ended;
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** The first lines of a request. */
export const head = (path: string, headers: Readonly<Record<string, string | number>>): string =>
  [
    `POST ${path} HTTP/1.1`,
    'Host: cohort',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ].join('\r\n');

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that wait for an earlier one of their connection, on all connections together. */
const MOST_WAITING = 10_000;

/** The requests of one connection. */
interface Line {
  busy: boolean;
  pausing: boolean;
  readonly waiting: (readonly [IncomingMessage, ServerResponse])[];
}

/**
 * Takes up the requests of one connection one after another. A caller may send more before the first is answered (pipelining):
 * Node begins them all, and keeps their answers until the first is written. So one connection could begin tens of thousands.
 * While a request waits, no more is read of its connection. If far too many wait, the connection is closed.
 */
export function oneByOne(listen: RequestListener, most = MOST_WAITING): RequestListener {
  const lines = new WeakMap<Socket, Line>();
  let waiting = 0;

  const open = (socket: Socket): Line => {
    const line: Line = { busy: false, pausing: false, waiting: [] };
    lines.set(socket, line);
    socket.once('close', () => (waiting -= line.waiting.splice(0).length));
    return line;
  };

  const begin = (line: Line, request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    // After an answer with `Connection: close`, the others are dropped.
    if (!socket.writable) return;
    line.busy = true;
    response.once('close', () => {
      line.busy = false;
      const next = line.waiting.shift();
      if (next) {
        waiting--;
        begin(line, ...next);
      }
      if (line.waiting.length === 0 && socket.isPaused()) socket.resume();
    });
    listen(request, response);
  };

  /** Node reads on at the end of each request, which comes after this. */
  const pauseSoon = (line: Line, socket: Socket): void => {
    if (line.pausing) return;
    line.pausing = true;
    setImmediate(() => {
      line.pausing = false;
      if (line.waiting.length > 0) socket.pause();
    });
  };

  return (request, response) => {
    const { socket } = request;
    const line = lines.get(socket) ?? open(socket);
    if (!line.busy) begin(line, request, response);
    else if (waiting >= most) socket.destroy();
    else {
      waiting++;
      line.waiting.push([request, response]);
      pauseSoon(line, socket);
    }
  };
}

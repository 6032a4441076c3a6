import { listen } from './listen';

type Callback = (error: Error | null, message: string) => void;

function subscribed(options: { onMessage?: (text: string) => void; onFault?: (error: unknown) => void } = {}) {
  let deliver: Callback = () => undefined;
  const seen: unknown[] = [];
  const connection = {
    subscribe: (_subject: string, { callback }: { callback: Callback }) => {
      deliver = callback;
      return 'the subscription';
    },
  };
  const result = listen<string, string>(connection, 'a.b', {
    onMessage: options.onMessage ?? ((text) => void seen.push(text)),
    onFault: options.onFault ?? ((error) => void seen.push(error)),
  });
  return { result, seen, deliver: (error: Error | null, message: string) => deliver(error, message) };
}

test('listen returns the subscription and delivers messages', () => {
  const { result, seen, deliver } = subscribed();
  deliver(null, 'one');
  expect([result, seen]).toEqual(['the subscription', ['one']]);
});

test('an error of the handler goes to onFault, and the next message is delivered', () => {
  const seen: unknown[] = [];
  const fault = new Error('a bug');
  const { deliver } = subscribed({
    onMessage: (text) => {
      seen.push(text);
      if (text === 'bad') throw fault;
    },
    onFault: (error) => seen.push(error),
  });
  for (const text of ['bad', 'good']) deliver(null, text);
  expect(seen).toEqual(['bad', fault, 'good']);
});

test('with an error of the server the handler is not called: its message has no fields', () => {
  const refused = new Error('Permissions Violation');
  const { seen, deliver } = subscribed();
  deliver(refused, {} as string);
  expect(seen).toEqual([refused]);
});

test('not even an error of onFault leaves the callback', () => {
  const fail = () => {
    throw new Error('again');
  };
  const { deliver } = subscribed({ onMessage: fail, onFault: fail });
  expect(() => deliver(null, 'x')).not.toThrow();
  expect(() => deliver(new Error('refused'), 'x')).not.toThrow();
});

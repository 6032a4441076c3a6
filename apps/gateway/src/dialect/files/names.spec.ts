import { attachment, fileName } from './names';

test.each([
  ['plan.pdf', 'plan.pdf'],
  ['/etc/passwd', 'passwd'],
  ['..\\..\\boot.ini', 'boot.ini'],
  ['a/b\\c.txt', 'c.txt'],
  ['..', 'file'],
  ['a/..', 'file'],
  ['', 'file'],
  ['   ', 'file'],
  ['line\r\nbreak\u0000.txt', 'linebreak.txt'],
  ['ann\u202Egpj.exe', 'anngpj.exe'],
  ['half \ud800 pair', 'half  pair'],
  ['表.png', '表.png'],
])('the name %j is stored as %j', (given, stored) => {
  expect(fileName(given)).toBe(stored);
});

test('a name that is too long is cut to 256 code points and keeps its ending', () => {
  expect(fileName(`${'🙂'.repeat(300)}.jpeg`)).toBe(`${'🙂'.repeat(251)}.jpeg`);
  expect(fileName('x'.repeat(300))).toBe('x'.repeat(256));
  expect(fileName(`.${'x'.repeat(300)}`)).toBe(`.${'x'.repeat(255)}`);
});

test('the header of a download holds any name, and nothing of a name ends the header', () => {
  expect(attachment('plan.pdf')).toBe(`attachment; filename="plan.pdf"; filename*=UTF-8''plan.pdf`);
  expect(attachment('a"; x="\\%.txt')).toBe(
    `attachment; filename="a_; x=___.txt"; filename*=UTF-8''a%22%3B%20x%3D%22%5C%25.txt`,
  );
  expect(attachment("it's (1)*.txt")).toContain(`filename*=UTF-8''it%27s%20%281%29%2A.txt`);
  expect(attachment('🙂'.repeat(256))).toMatch(/^[\x20-\x7e]+$/);
});

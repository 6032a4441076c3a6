import { RecentEvents } from './recent-events';

const place = (stream: string, revision: number) => ({ stream, revision, position: revision * 100 });

describe('recent events', () => {
  it('find an id in its stream only', () => {
    const recent = new RecentEvents();
    recent.add('a', place('s', 1));
    expect(recent.find('a', 's')).toEqual({ revision: 1, position: 100 });
    expect(recent.find('a', 'other')).toBeUndefined();
    expect(recent.find('b', 's')).toBeUndefined();
  });

  it('keep one place for each id, the newest', () => {
    const recent = new RecentEvents();
    recent.add('a', place('s', 1));
    recent.add('a', place('s', 5));
    expect(recent.find('a', 's')?.revision).toBe(5);
  });

  it('drop the oldest id beyond the capacity; an id that is written again counts as the newest', () => {
    const recent = new RecentEvents(2);
    recent.add('a', place('s', 1));
    recent.add('b', place('s', 2));
    recent.add('a', place('s', 3));
    recent.add('c', place('s', 4));
    expect([recent.find('a', 's')?.revision, recent.find('b', 's'), recent.find('c', 's')?.revision]).toEqual([
      3,
      undefined,
      4,
    ]);
  });
});

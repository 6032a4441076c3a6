import Database from 'libsql';
import type { Connection } from './database';
import { openFeatures } from './open-features';
import { EVENTS, FEATURES } from './registry';
import { STORE } from './testing/log';
import { testModels } from './testing/models';
import { threeGroups } from './testing/three-groups';

const { file, modelOf } = testModels();

describe('the indexes', () => {
  it('answer every query without reading rows that are not on the page, and without sorting', async () => {
    await (await modelOf(threeGroups(), {}, 'model.db')).indexForQueries();
    const connection = new Database(file('model.db'));
    const statements: string[] = [];
    const listening = { prepare: (sql: string) => statements.push(sql) && connection.prepare(sql) };
    openFeatures(connection, listening as unknown as Connection, {
      store: STORE,
      features: FEATURES,
      events: EVENTS,
      keptChanges: 1,
      position: () => '0',
    });
    const plansOf = (sql: string) =>
      (connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail);
    const plans = statements
      .filter((sql) => !/failed_events|unknown_types/.test(sql))
      .map((sql) => [sql, plansOf(sql)]);
    expect(plans.length).toBeGreaterThan(15);
    // How parts are put together, each in order already.
    const joints =
      /^(MERGE \(UNION ALL\)|COMPOUND QUERY|LEFT-MOST SUBQUERY|UNION ALL|LEFT|RIGHT|CO-ROUTINE c|SCAN c|CORRELATED SCALAR SUBQUERY \d)$/;
    // By the index of words, the newest first, after a key.
    const matched = /^SCAN \w+ VIRTUAL TABLE INDEX 192:M\d<$/;
    // A user's groups that changed, in the order of their changes: the ones in question are sorted, and then the page.
    const sorted = (sql: string) => (sql.includes(' c JOIN groups g ') ? 2 : 0);
    for (const [sql, plan] of plans as [string, string[]][]) {
      const rest = plan.filter(
        (detail) => !detail.startsWith('SEARCH') && !joints.test(detail) && !matched.test(detail),
      );
      expect([sql, rest]).toEqual([sql, Array(sorted(sql)).fill('USE TEMP B-TREE FOR ORDER BY')]);
    }
    connection.close();
  });
});

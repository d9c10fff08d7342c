import { calm, createFakeBackend, createRandom, createVirtualClock } from '../../src/testing/index.ts';
import { FakeDisk } from './fake-disk.ts';
import { type Finding, Findings } from './findings.ts';
import { Page } from './page.ts';
import { messagesOf } from './thread-watch.ts';
import type { CreateClient } from './world.ts';

const events = 10_000;
const mostNotifications = 60;

/** Ten thousand messages within a second: few notifications, none lost (I11). */
export async function runStorm(createClient: CreateClient): Promise<readonly Finding[]> {
  const clock = createVirtualClock();
  const findings = new Findings(clock.now);
  const backend = createFakeBackend({
    clock,
    random: createRandom(1),
    users: [{ id: '1' }, { id: '2' }],
    conversations: [{ id: '10', members: ['1', '2'] }],
    messageQuota: { count: Number.POSITIVE_INFINITY, windowMs: 1 },
    syncKeep: 100_000,
  });
  const device = backend.device('1', 'laptop');
  const writer = backend.device('2', 'writer');
  writer.line.faults = { ...calm, latencyMs: [0, 0] };
  const page: Page = new Page({
    name: 'laptop#1',
    createClient,
    backend,
    device,
    tab: null,
    typingHeard: new Map(),
    siblings: () => [page],
    disk: new FakeDisk(clock, createRandom(2)),
    clock,
    random: createRandom(3),
    findings,
    userIds: ['1', '2'],
    trouble: () => 0,
  });
  page.client.realtime.connect();
  page.openThread('10');
  await clock.advance(5_000);

  const thread = page.threads.get('10');
  const before = { thread: thread?.looks ?? 0, inbox: page.inbox.looks };
  const headers = { authorization: `Bearer ${String(writer.getToken({ refresh: false }))}` };
  for (let sent = 0; sent < events; sent += 1) {
    const body = JSON.stringify({ conversation_id: '10', message: `storm ${sent}` });
    void writer.fetch(`${backend.baseUrl}/api/messages`, { method: 'POST', headers, body });
    if (sent % 10 === 9) await clock.advance(1);
  }
  const told = {
    thread: (thread?.looks ?? 0) - before.thread,
    inbox: page.inbox.looks - before.inbox,
  };
  findings.expect(
    told.thread <= mostNotifications && told.inbox <= mostNotifications,
    'I11',
    () => `${events} messages in a second notify the thread ${told.thread} and the inbox ${told.inbox} times`,
  );
  await clock.advance(10_000);
  const snapshot = thread?.live.getSnapshot();
  const newest = snapshot && messagesOf(snapshot).at(-1)?.text;
  findings.expect(
    newest === `storm ${events - 1}` && snapshot?.unread === events,
    'I11',
    () => `after ${events} messages the newest is "${newest}" and ${snapshot?.unread} are unread`,
  );
  page.close();
  return findings.list;
}

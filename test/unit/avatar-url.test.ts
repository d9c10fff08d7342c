import { describe, expect, it } from 'vitest';
import { avatarUrl } from '../../src/lib/avatar-url.ts';

describe('avatarUrl', () => {
  it.each([
    ['https://cdn.example.com/u1.webp', 'https://cdn.example.com/u1.webp?v=7'],
    ['https://cdn.example.com/u1.webp?w=64', 'https://cdn.example.com/u1.webp?w=64&v=7'],
    ['https://cdn.example.com/u1.webp?', 'https://cdn.example.com/u1.webp?v=7'],
    ['https://cdn.example.com/u1.webp#face', 'https://cdn.example.com/u1.webp?v=7#face'],
    ['https://cdn.example.com/u1.webp?w=64#a#b', 'https://cdn.example.com/u1.webp?w=64&v=7#a#b'],
    ['https://cdn.example.com/a b', null],
    ['/files/u1.webp', '/files/u1.webp?v=7'],
    ['files/u1.webp', 'files/u1.webp?v=7'],
    ['?id=1', '?id=1&v=7'],
    ['https://example.com/u1?t=1700', 'https://example.com/u1?t=1700&v=7'],
    ['https://example.com/u1?w=1?t=1700', 'https://example.com/u1?w=1?t=1700&v=7'],
    ['https://example.com/u1?name=a%26v%3D1&x=%20', 'https://example.com/u1?name=a%26v%3D1&x=%20&v=7'],
    ['http://localhost:3000/u1', 'http://localhost:3000/u1?v=7'],
    ['http://127.0.0.1/u1', 'http://127.0.0.1/u1?v=7'],
    ['http://[::1]:80/u1', 'http://[::1]:80/u1?v=7'],
  ])('[UR1] puts the version into the query and keeps the rest: %s', (url, expected) => {
    expect(avatarUrl(url, 7)).toBe(expected);
  });

  it('[UR2] replaces an older version and leaves the same one alone', () => {
    expect(avatarUrl('https://e.com/a?v=6&w=1', 7)).toBe('https://e.com/a?w=1&v=7');
    expect(avatarUrl('https://e.com/a?w=1&v=7', 7)).toBe('https://e.com/a?w=1&v=7');
    expect(avatarUrl('https://e.com/a?vv=6', 7)).toBe('https://e.com/a?vv=6&v=7');
    expect(avatarUrl('https://e.com/a?w=1', null)).toBe('https://e.com/a?w=1');
    expect(avatarUrl('https://e.com/a', 'x&y#z')).toBe('https://e.com/a?v=x%26y%23z');
  });

  it('[UR3] gives a data: address the version as a fragment and leaves a blob: address alone', () => {
    expect(avatarUrl('data:image/png;base64,AAAA', 7)).toBe('data:image/png;base64,AAAA#v=7');
    expect(avatarUrl('data:image/png;base64,AAAA#v=6', 7)).toBe('data:image/png;base64,AAAA#v=7');
    expect(avatarUrl('blob:https://e.com/0b8c', 7)).toBe('blob:https://e.com/0b8c');
  });

  it.each([
    'https://b.s3.amazonaws.com/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=300&X-Amz-Signature=ab',
    'https://b.s3.amazonaws.com/k?AWSAccessKeyId=AK&Expires=1&Signature=ab',
    'https://d1.cloudfront.net/k?Expires=1&Signature=ab&Key-Pair-Id=K1',
    'https://d1.cloudfront.net/k?Policy=p&Signature=ab&Key-Pair-Id=K1',
    'https://storage.googleapis.com/b/k?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=ab',
    'https://storage.googleapis.com/b/k?GoogleAccessId=a@b&Expires=1&Signature=ab',
    'https://acc.blob.core.windows.net/c/k?sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig=ab#face',
  ])('[UR4] never touches a signed query: %s', (url) => {
    expect(avatarUrl(url, 7)).toBe(url);
  });

  it.each([
    '',
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' \tjava\nscript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,<script>1</script>',
    'data:image/svg+xml,<svg/>',
    'data:image/png,'.padEnd(1_000_001, 'A'),
    'file:///etc/passwd',
    'ftp://e.com/a.png',
    '//evil.example/a.png',
    '\\\\evil.example\\a.png',
    '/\\evil.example/a.png',
    'https:evil.example',
    'https://user:pw@e.com/a.png',
    'https://user@e.com/a.png',
    'http://e.com/a.png',
    'http://localhost.evil.example/a.png',
    `https://e.com/${'a'.repeat(100_000)}`,
    'https://',
    'vbscript:x',
  ])(
    '[UR5] refuses an address that can run, read files, carry credentials or go unencrypted: %.60s',
    (url) => {
      expect(avatarUrl(url, 7)).toBeNull();
    },
  );

  it('[UR5] refuses what is not a string, and allows plain http where the app says so', () => {
    // @ts-expect-error a caller without types
    expect(avatarUrl(null, 7)).toBeNull();
    // @ts-expect-error a caller without types
    expect(avatarUrl({ toString: () => 'https://e.com' }, 7)).toBeNull();
    expect(avatarUrl('http://e.com/a.png', 7, { insecure: true })).toBe('http://e.com/a.png?v=7');
  });
});

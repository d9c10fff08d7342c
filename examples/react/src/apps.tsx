/** The ways to the other example pages. */
export function Apps() {
  return (
    <nav className="apps" aria-label="The same page">
      <a href="/">Vanilla</a>{' '}
      <a href="/react/" aria-current="page">
        React
      </a>{' '}
      <a href="/vue/">Vue</a> <a href="/plain/">Plain HTML</a>
    </nav>
  );
}

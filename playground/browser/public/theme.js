// Runs before the page is shown, so that it does not flash in the other theme.
document.documentElement.dataset['theme'] =
  localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');

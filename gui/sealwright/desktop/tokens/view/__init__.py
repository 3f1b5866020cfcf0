"""One token taken apart: verdict, text, times, claims; or what is none."""

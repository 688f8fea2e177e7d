"""A page that plays by itself: one HTML file with the browser's own modules and what they show."""

"""What runs in the browser: one folder a component, and the JavaScript that they share."""

"""What panels share: controls, marks, surfaces, the stepper, the difference view, the editor."""

"""What everything rests on: errors, files, arrays and tables on disk, exact arithmetic."""

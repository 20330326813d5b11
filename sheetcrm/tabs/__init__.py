"""Every sheet sheetcrm authors, one file each."""

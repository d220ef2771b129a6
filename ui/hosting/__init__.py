"""How the page is served to the public: addresses, headers, health, logs, files of visitors, and the end."""

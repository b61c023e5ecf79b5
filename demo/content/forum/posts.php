<?php
// The forum's memory: an SQLite file beside, not inside, the document root.
const FORUM_FILE = __DIR__ . '/../data/forum.sqlite';
const FORUM_KEEPS = 200;

function forum_posts(): array
{
    if (!is_file(FORUM_FILE)) {
        return [];
    }
    $db = new SQLite3(FORUM_FILE, SQLITE3_OPEN_READONLY);
    $db->busyTimeout(5000);
    $found = $db->query('SELECT author, said FROM post ORDER BY id DESC LIMIT 20');
    $posts = [];
    while ($post = $found->fetchArray(SQLITE3_ASSOC)) {
        $posts[] = $post;
    }
    return $posts;
}

function forum_add(string $author, string $said): void
{
    $db = new SQLite3(FORUM_FILE);
    $db->enableExceptions(true);
    $db->busyTimeout(5000);
    $db->exec('BEGIN IMMEDIATE');
    $db->exec('CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY, author TEXT NOT NULL, said TEXT NOT NULL)');
    $insert = $db->prepare('INSERT INTO post (author, said) VALUES (?, ?)');
    $insert->bindValue(1, $author);
    $insert->bindValue(2, $said);
    $insert->execute();
    $db->exec('DELETE FROM post WHERE id <= last_insert_rowid() - ' . FORUM_KEEPS);
    $db->exec('COMMIT');
}

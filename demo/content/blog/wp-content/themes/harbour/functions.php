<?php
add_theme_support('title-tag');
remove_action('wp_head', 'print_emoji_detection_script', 7);
remove_action('wp_print_styles', 'print_emoji_styles');
remove_action('wp_enqueue_scripts', 'wp_enqueue_global_styles');

add_action('wp_enqueue_scripts', function () {
    wp_enqueue_style('harbour', get_stylesheet_uri(), [], '1.0');
});
